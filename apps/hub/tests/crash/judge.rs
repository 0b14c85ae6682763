//! What must hold: after each restart, and when all is done.

use std::collections::{HashMap, HashSet};

use crate::load::{Deed, Load, Way};
use crate::look::Look;
use crate::post_office::PostOffice;
use crate::repository::{TEAM, word};

/// The members of the list who hear of each post.
pub const MEMBERS: [&str; 2] = ["m1@example.net", "m2@example.net"];

/// What is wrong with a hub that has just started: something was given up, a blob is missing, or a form that was
/// acknowledged is not there once. Forms have nothing to wait for; all else may still be under way.
pub fn at_start(look: &Look, load: &Load) -> Vec<String> {
    // Before the look at the database, since forms come in meanwhile.
    let deeds = load.deeds.lock().expect("deeds").clone();
    let mut faults = look.given_up();
    faults.extend(look.dangling());
    let (issues, messages) = (issues(look), messages(look));
    for deed in &deeds {
        match deed.way {
            Way::Form => faults.extend(deed.fault(&issues)),
            Way::Comment => faults.extend(deed.fault(&messages)),
            _ => {}
        }
    }
    faults
}

/// Stops when there are faults, with the first of them.
#[track_caller]
pub fn none(faults: &[String], when: &str, log: &str) {
    assert!(faults.is_empty(), "{} faults {when}: {:#?}\n{log}", faults.len(), &faults[..faults.len().min(20)]);
}

impl Deed {
    /// What is wrong: what was acknowledged is there once, what was not at most once.
    pub fn fault(&self, found: &HashMap<String, i64>) -> Option<String> {
        let Self { way, word, sure } = self;
        let count = found.get(word).copied().unwrap_or(0);
        let is_wrong = count > 1 || (*sure && count != 1);
        is_wrong.then(|| format!("{way:?} {word} is there {count} times (acknowledged: {sure})"))
    }
}

fn issues(look: &Look) -> HashMap<String, i64> {
    look.counts("SELECT title, count(*) FROM tracker_issue GROUP BY title")
}

fn messages(look: &Look) -> HashMap<String, i64> {
    look.counts("SELECT trim(body), count(*) FROM tracker_message GROUP BY trim(body)")
}

/// Everything acknowledged is there once, what was not at most once; every mail went out under one Message-ID.
pub fn judge(look: &Look, load: &Load, office: &PostOffice) {
    let posts = look.counts("SELECT subject, count(*) FROM list_post GROUP BY subject");
    let (issues, messages) = (issues(look), messages(look));
    let lines = look.counts("SELECT text, count(*) FROM chat_line GROUP BY text");
    let commits = look.counts("SELECT commit_id, count(*) FROM revision GROUP BY commit_id");
    let mut faults = look.given_up();
    faults.extend(look.blob_faults());
    faults.extend(look.file_faults());
    let deeds = load.deeds.lock().expect("deeds").clone();
    for deed in &deeds {
        let found = match deed.way {
            Way::Post => &posts,
            Way::Mail | Way::Form => &issues,
            Way::Comment => &messages,
            Way::Push => &commits,
            Way::Line => &lines,
        };
        faults.extend(deed.fault(found));
    }
    for (key, count) in look.counts(
        "SELECT m.message_id || ' to ' || r.address, count(*) FROM mail_out m JOIN mail_out_rcpt r ON r.mail_id = m.id \
         WHERE r.address LIKE '%@example.net' GROUP BY m.message_id, r.address HAVING count(*) > 1",
    ) {
        faults.push(format!("{key} is queued {count} times"));
    }
    let (sent, ids) = (look.number("SELECT count(*) FROM mail_out_rcpt WHERE state = 'sent'"), taken(office));
    faults.extend(unsent(&deeds, &ids));
    faults.extend((sent == 0).then(|| "nothing was sent".to_owned()));
    none(&faults, "when all is done", "");
}

/// Message-IDs by word and recipient.
type Ids = HashMap<(String, String), HashSet<String>>;

/// The Message-IDs under which each word reached each recipient.
pub fn taken(office: &PostOffice) -> Ids {
    let mut ids = Ids::new();
    for mail in office.mails() {
        let words = mail.text.split("zq").skip(1).filter_map(|rest| rest.split_once("qz")).map(|(word, _)| word);
        let words: HashSet<String> = words.filter(|word| word.len() < 20).map(|word| format!("zq{word}qz")).collect();
        for word in words {
            for rcpt in &mail.rcpts {
                ids.entry((word.clone(), rcpt.clone())).or_default().insert(mail.header("message-id"));
            }
        }
    }
    ids
}

/// What is wrong when a word did not reach somebody under just one Message-ID.
pub fn under_one_id(ids: &Ids, word: &str, rcpt: &str) -> Option<String> {
    let count = ids.get(&(word.to_owned(), rcpt.to_owned())).map_or(0, HashSet::len);
    (count != 1).then(|| format!("{word} reached {rcpt} under {count} Message-IDs"))
}

fn unsent(deeds: &[Deed], ids: &Ids) -> Vec<String> {
    let mut faults = vec![];
    for deed in deeds.iter().filter(|deed| deed.sure) {
        let rcpts: &[&str] = match deed.way {
            Way::Post => &MEMBERS,
            Way::Comment => &["bob@example.org"],
            _ => &[],
        };
        faults.extend(rcpts.iter().filter_map(|rcpt| under_one_id(ids, &deed.word, rcpt)));
    }
    let pushes = deeds.iter().filter(|deed| deed.way == Way::Push).count();
    // The pushes are the commits after the first, in their order.
    faults.extend((1..=pushes).filter_map(|n| under_one_id(ids, &word(n), TEAM)));
    faults
}

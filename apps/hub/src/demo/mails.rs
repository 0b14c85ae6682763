//! The mails of the lists, as their authors sent them.

use chrono::{DateTime, Duration, Utc};
use mail::{Address, Attachment, Outgoing};

use super::luck::Luck;
use super::marks::{self, Mark, fill, parts};
use super::minutes::Minutes;
use super::year::Names;

/// Where the project's mail lives.
pub const DOMAIN: &str = "papermoth.example";
const TEXTS: [(&str, &str); 2] =
    [("dev", include_str!("text/lists/discussion.txt")), ("users", include_str!("text/lists/users.txt"))];

/// A mail to a list.
pub struct Mail {
    pub from: String,
    pub list: &'static str,
    pub raw: Vec<u8>,
}

/// A message of a thread, before it is bytes.
#[derive(Clone)]
struct Draft {
    at: DateTime<Utc>,
    from: Address,
    subject: String,
    id: String,
    /// Ids of those it answers, oldest first.
    refs: Vec<String>,
    text: String,
    attachments: Vec<Attachment>,
}

/// All mails to all lists.
pub fn all(names: &Names<'_>, luck: &mut Luck) -> anyhow::Result<Vec<(DateTime<Utc>, Mail)>> {
    let mut mails = vec![];
    for (list, text) in TEXTS {
        for draft in drafts(names, luck, text)? {
            mails.push((draft.at, letter(list, draft)?));
        }
    }
    Ok(mails)
}

/// The mail with which the minutes of a meeting go to the list.
pub fn minutes(names: &Names<'_>, minutes: &Minutes) -> anyhow::Result<(DateTime<Utc>, Mail)> {
    let at = minutes.at + Duration::minutes(25);
    let draft = draft(names, at, names.person(&minutes.chair)?, &minutes.subject, vec![], &minutes.text)?;
    Ok((at, letter("dev", draft)?))
}

fn drafts(names: &Names<'_>, luck: &mut Luck, text: &str) -> anyhow::Result<Vec<Draft>> {
    let (mut done, mut thread): (Vec<Draft>, Vec<Draft>) = (vec![], vec![]);
    for mark in marks::marks(text) {
        if matches!(mark.word, "thread" | "held") {
            done.append(&mut thread);
        }
        match mark.word {
            "thread" => thread.push(begun(names, &mark)?),
            "held" => thread.push(foreign(names, &mark)?),
            "reply" => {
                let draft = answered(names, luck, &thread, &mark)?;
                thread.push(draft);
            }
            "attach" => {
                let (name, content_type) = mark.rest.split_once(' ').unwrap_or((mark.rest, "text/plain"));
                let (name, content_type) = (name.to_owned(), content_type.to_owned());
                if let Some(draft) = thread.last_mut() {
                    draft.attachments.push(Attachment { name, content_type, bytes: mark.body.into_bytes() });
                }
            }
            word => anyhow::bail!("The demo's mails have a mark that nobody reads: {word}"),
        }
    }
    done.append(&mut thread);
    Ok(done)
}

/// `DAYS HH:MM WHO | SUBJECT`.
fn begun(names: &Names<'_>, mark: &Mark<'_>) -> anyhow::Result<Draft> {
    let words: Vec<&str> = mark.rest.split_whitespace().collect();
    let [days, time, who, ..] = words[..] else { anyhow::bail!("A thread of the demo says too little: {}", mark.rest) };
    let at = names.at(days, time)?;
    draft(names, at, names.person(who)?, parts(mark)[1], vec![], &mark.body)
}

/// `N HOURS WHO [| SUBJECT]`.
fn answered(names: &Names<'_>, luck: &mut Luck, thread: &[Draft], mark: &Mark<'_>) -> anyhow::Result<Draft> {
    let words: Vec<&str> = mark.rest.split_whitespace().collect();
    let [number, hours, who, ..] = words[..] else {
        anyhow::bail!("A reply of the demo says too little: {}", mark.rest)
    };
    let to = |number: &str| number.parse::<usize>().ok().and_then(|number| thread.get(number.checked_sub(1)?));
    let parent = to(number).ok_or_else(|| anyhow::anyhow!("A reply of the demo answers nothing: {}", mark.rest))?;
    // A series of patches is sent at once, in its order.
    let at = match (hours, thread.last()) {
        ("0", Some(last)) => last.at + Duration::seconds(20 + luck.below(40) as i64),
        _ => parent.at + Duration::minutes(hours.parse::<i64>()? * 60 + 2 + luck.below(50) as i64),
    };
    let again =
        if parent.subject.starts_with("Re: ") { parent.subject.clone() } else { format!("Re: {}", parent.subject) };
    let subject = parts(mark).get(1).map_or(again, |subject| (*subject).to_owned());
    let text = fill(&mark.body, "on", |number| {
        let quoted = to(number)?;
        Some(format!("On {}, {} wrote:", quoted.at.format("%a, %-d %b %Y"), quoted.from.name))
    })?;
    let refs = [parent.refs.clone(), vec![parent.id.clone()]].concat();
    draft(names, at, names.person(who)?, &subject, refs, &text)
}

/// `NAME <ADDRESS> DAYS HH:MM | SUBJECT`.
fn foreign(names: &Names<'_>, mark: &Mark<'_>) -> anyhow::Result<Draft> {
    let cut = |text: &'static str| anyhow::anyhow!("A held mail of the demo has no {text}: {}", mark.rest);
    let (name, rest) = mark.rest.split_once(" <").ok_or_else(|| cut("address"))?;
    let (address, rest) = rest.split_once("> ").ok_or_else(|| cut("address"))?;
    let (days, time) = rest.split_once(" | ").and_then(|(when, _)| when.split_once(' ')).ok_or_else(|| cut("time"))?;
    let at = names.at(days, time)?;
    Ok(Draft {
        at,
        from: Address::new(name, address),
        subject: parts(mark)[1].to_owned(),
        id: id(at, address),
        refs: vec![],
        text: mark.body.clone(),
        attachments: vec![],
    })
}

fn draft(
    names: &Names<'_>,
    at: DateTime<Utc>,
    who: usize,
    subject: &str,
    refs: Vec<String>,
    text: &str,
) -> anyhow::Result<Draft> {
    let person = &names.people[who];
    let text = fill(text, "issue", |key| names.issue(key).map(|number| format!("#{number}")))?;
    Ok(Draft {
        at,
        from: Address::new(&person.1, &person.2),
        subject: subject.to_owned(),
        id: id(at, &person.2),
        refs,
        text,
        attachments: vec![],
    })
}

fn id(at: DateTime<Utc>, address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or(("", address));
    format!("{}.{local}@{domain}", at.format("%Y%m%d%H%M%S"))
}

fn letter(list: &'static str, draft: Draft) -> anyhow::Result<Mail> {
    let from = draft.from.address.clone();
    let composed = mail::compose(
        &Outgoing {
            to: vec![Address::new("", format!("{list}@{DOMAIN}"))],
            subject: draft.subject,
            verbatim: is_patch(&draft.text),
            text: if is_patch(&draft.text) { draft.text } else { unwrapped(&draft.text) },
            message_id: Some(draft.id),
            in_reply_to: draft.refs.last().cloned(),
            references: draft.refs,
            attachments: draft.attachments,
            from: draft.from,
            ..Outgoing::default()
        },
        draft.at,
    )?;
    Ok(Mail { from, list, raw: composed.raw })
}

fn is_patch(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("@@ ") || line.starts_with("diff "))
}

/// The text with one line for each paragraph, which mail programs then break where it suits the reader. What is
/// indented, quoted or a list stays line for line.
fn unwrapped(text: &str) -> String {
    let paragraph = |block: &str| {
        let lines: Vec<&str> = block.lines().collect();
        let prose = |line: &&str| line.starts_with(|c: char| c.is_alphanumeric() || "\"'(.`".contains(c));
        let full = lines.iter().rev().skip(1).all(|line| line.chars().count() > 44);
        let is_item = |line: &&str| line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with([')', '.']);
        let numbered = lines.iter().skip(1).any(|line| line.starts_with(|c: char| c.is_ascii_digit()) && is_item(line));
        if lines.len() > 1 && lines.iter().all(prose) && full && !numbered { lines.join(" ") } else { block.to_owned() }
    };
    text.trim_end().split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_flows_and_columns_stay() {
        let prose = "This is a line of a paragraph that is rather long,\nand this is its end.\n\nLena\n";
        assert_eq!(
            unwrapped(prose),
            "This is a line of a paragraph that is rather long, and this is its end.\n\nLena\n"
        );
        for kept in [
            "  - a list with an entry that is long enough to be full\n  - two\n",
            "> quoted\nanswered\n",
            "Short\nlines\n",
        ] {
            assert_eq!(unwrapped(kept), kept);
        }
        assert!(is_patch("Hello\n\n@@ -1 +1 @@\n") && !is_patch("Hello\n"));
    }
}

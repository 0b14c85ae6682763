//! What becomes of a post: an ordered chain of rules, each of which explains itself. The first that hits decides.
//!
//! Pure: the door collects the [`Facts`], [`judge`] decides.

use serde::{Deserialize, Serialize};

/// Received fields beyond which a mail runs in circles (RFC 5321 section 6.3).
const HOPS: usize = 100;
/// Lines of a body in which a command is looked for.
const LINES: usize = 10;

/// What is done with a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Accept,
    Hold,
    Reject,
    Discard,
}

impl Action {
    /// All actions in the order in which forms show them.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Hold, Self::Reject, Self::Discard];

    /// The word under which the action is stored and typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Hold => "hold",
            Self::Reject => "reject",
            Self::Discard => "discard",
        }
    }

    /// The action of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// What the list wants.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The posting address, lower case.
    pub address: String,
    /// The List-Id without brackets.
    pub list_id: String,
    pub is_announce: bool,
    pub is_emergency: bool,
    pub member_action: Action,
    pub nonmember_action: Action,
    /// Bytes; 0 is no limit.
    pub max_size: usize,
    /// 0 is no limit.
    pub max_rcpts: usize,
}

/// How a mail says that no person wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Robot {
    /// A person wrote it, or a program of its own accord (`Auto-Submitted: auto-generated`).
    No,
    /// It answers another mail by itself: a vacation notice, a bounce.
    Answer,
}

/// Whether the archive has a mail of the same Message-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    No,
    /// The same author, subject and text: handed in twice.
    Same,
    Other,
}

/// What is known of a post.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Written on the web by a person who has signed in.
    pub is_web: bool,
    /// Written by the hub itself, such as commit mail.
    pub is_hub: bool,
    /// From, lower case; empty when there is none.
    pub from: String,
    /// Whether it came with the null sender `<>`.
    pub null_sender: bool,
    pub robot: Robot,
    /// The List-Id fields, without brackets.
    pub list_ids: Vec<String>,
    pub hops: usize,
    /// The ban that matches the author.
    pub ban: Option<String>,
    pub is_member: bool,
    /// What is to happen to this member's posts.
    pub member_action: Option<Action>,
    pub is_moderator: bool,
    /// To and Cc, lower case.
    pub rcpts: Vec<String>,
    pub size: usize,
    pub subject: String,
    pub text: String,
    pub seen: Seen,
}

/// One rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub rule: String,
    pub hit: bool,
    /// What the rule found, one sentence.
    pub found: String,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub action: Action,
    /// The rule that decided; `accept` when none hit.
    pub rule: &'static str,
    /// One sentence for the author and the moderators.
    pub reason: String,
    /// Every rule that was asked, in order.
    pub steps: Vec<Step>,
}

type Rule = (&'static str, fn(&Wishes, &Facts) -> Result<String, (Action, String)>);

/// The chain, in order.
const CHAIN: [Rule; 14] = [
    ("loop", is_loop),
    ("automatic", is_automatic),
    ("repeated", is_repeated),
    ("no author", has_no_author),
    ("banned", is_banned),
    ("announcement", is_no_announcement),
    ("emergency", is_emergency),
    ("member moderation", is_moderated_member),
    ("administrivia", is_administrivia),
    ("implicit destination", is_implicit),
    ("max recipients", has_many_rcpts),
    ("max size", is_large),
    ("no subject", has_no_subject),
    ("nonmember moderation", is_moderated_nonmember),
];

/// Asks each rule in turn until one hits.
pub fn judge(wishes: &Wishes, facts: &Facts) -> Verdict {
    let mut steps = Vec::new();
    for (rule, ask) in CHAIN {
        let (hit, found) = match ask(wishes, facts) {
            Ok(found) => (None, found),
            Err((action, found)) => (Some(action), found),
        };
        steps.push(Step { rule: rule.into(), hit: hit.is_some(), found: found.clone() });
        if let Some(action) = hit {
            return Verdict { action, rule, reason: found, steps };
        }
    }
    Verdict { action: Action::Accept, rule: "accept", reason: "No rule spoke against it.".into(), steps }
}

type Answer = Result<String, (Action, String)>;

fn pass(found: impl Into<String>) -> Answer {
    Ok(found.into())
}

fn hit(action: Action, found: impl Into<String>) -> Answer {
    Err((action, found.into()))
}

fn is_loop(wishes: &Wishes, facts: &Facts) -> Answer {
    if facts.list_ids.iter().any(|id| id.eq_ignore_ascii_case(&wishes.list_id)) {
        return hit(Action::Discard, "It came from this list already.");
    }
    if facts.hops > HOPS {
        return hit(Action::Reject, format!("It has been relayed {} times, so it runs in circles.", facts.hops));
    }
    pass("It has not been on this list.")
}

fn is_automatic(_: &Wishes, facts: &Facts) -> Answer {
    if facts.null_sender {
        return hit(Action::Discard, "It came from the null sender, as bounces do.");
    }
    match facts.robot {
        Robot::Answer => hit(Action::Discard, "It is an automatic answer, such as a vacation notice."),
        Robot::No => pass("It is no automatic answer."),
    }
}

fn is_repeated(_: &Wishes, facts: &Facts) -> Answer {
    match facts.seen {
        Seen::No => pass("Its Message-ID is new here."),
        Seen::Same => hit(Action::Discard, "The same mail is in the archive already."),
        Seen::Other => hit(Action::Hold, "The archive has another mail of the same Message-ID."),
    }
}

fn has_no_author(_: &Wishes, facts: &Facts) -> Answer {
    if facts.from.is_empty() {
        return hit(Action::Hold, "It names no author whose address can be read.");
    }
    pass("It has an author.")
}

fn is_banned(_: &Wishes, facts: &Facts) -> Answer {
    match &facts.ban {
        Some(pattern) => hit(Action::Discard, format!("Its author is banned by {pattern}.")),
        None => pass("Its author is not banned."),
    }
}

fn is_no_announcement(wishes: &Wishes, facts: &Facts) -> Answer {
    if !wishes.is_announce {
        return pass("Everybody may write to this list.");
    }
    if facts.is_hub {
        return pass("The hub itself wrote it.");
    }
    match (facts.is_moderator, facts.is_web) {
        (true, true) => pass("A moderator wrote it on the web."),
        // A From field proves nothing.
        (true, false) => {
            hit(Action::Hold, "Anybody can write a moderator's address into a mail; accept it if it is yours.")
        }
        (false, _) => hit(Action::Reject, "Only its moderators write to this list."),
    }
}

fn is_emergency(wishes: &Wishes, _: &Facts) -> Answer {
    if wishes.is_emergency {
        return hit(Action::Hold, "The list holds every post at the moment.");
    }
    pass("The list does not hold every post.")
}

fn is_moderated_member(wishes: &Wishes, facts: &Facts) -> Answer {
    if !facts.is_member {
        return pass("Its author is not a member.");
    }
    match facts.member_action.unwrap_or(wishes.member_action) {
        Action::Accept => pass("Its author is a member who may post."),
        Action::Hold => hit(Action::Hold, "Posts of this member wait for a moderator."),
        Action::Reject => hit(Action::Reject, "Its author may not post to this list."),
        Action::Discard => hit(Action::Discard, "Posts of this member are dropped."),
    }
}

fn is_administrivia(_: &Wishes, facts: &Facts) -> Answer {
    let lines = facts.text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES);
    let few = facts.text.lines().filter(|line| !line.trim().is_empty()).count() <= LINES;
    let found = std::iter::once(facts.subject.trim()).chain(lines.filter(|_| few)).find(|line| is_command(line));
    match found {
        Some(line) => hit(Action::Hold, format!("“{line}” looks like a command for the list's -request address.")),
        None => pass("It is no misdirected command."),
    }
}

/// Words that people send to a list by mistake, with the number of words that may follow.
fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace().map(str::to_ascii_lowercase);
    let most = match words.next().as_deref() {
        Some("subscribe" | "unsubscribe" | "join" | "leave" | "remove") => 1,
        Some("confirm") => {
            return words.next().is_some_and(|token| token.len() >= 20) && words.next().is_none();
        }
        Some("help" | "info" | "lists" | "who") => 0,
        _ => return false,
    };
    words.count() <= most
}

fn is_implicit(wishes: &Wishes, facts: &Facts) -> Answer {
    if facts.is_web || facts.rcpts.contains(&wishes.address) {
        return pass("It names the list in To or Cc.");
    }
    hit(Action::Hold, "It does not name the list in To or Cc, as blind copies and spam do.")
}

fn has_many_rcpts(wishes: &Wishes, facts: &Facts) -> Answer {
    let count = facts.rcpts.len();
    if wishes.max_rcpts > 0 && count > wishes.max_rcpts {
        return hit(Action::Hold, format!("It has {count} recipients; {} are allowed.", wishes.max_rcpts));
    }
    pass(format!("It has {count} recipient{}.", if count == 1 { "" } else { "s" }))
}

fn is_large(wishes: &Wishes, facts: &Facts) -> Answer {
    if wishes.max_size > 0 && facts.size > wishes.max_size {
        let kilobytes = |bytes: usize| bytes.div_ceil(1_000);
        let (size, most) = (kilobytes(facts.size), kilobytes(wishes.max_size));
        return hit(Action::Hold, format!("It has {size} kB; {most} kB are allowed. Put large files on the web."));
    }
    pass("It is not too large.")
}

fn has_no_subject(_: &Wishes, facts: &Facts) -> Answer {
    if facts.subject.trim().is_empty() {
        return hit(Action::Hold, "It has no subject.");
    }
    pass("It has a subject.")
}

fn is_moderated_nonmember(wishes: &Wishes, facts: &Facts) -> Answer {
    if facts.is_member {
        return pass("Its author is a member.");
    }
    if facts.is_hub {
        return pass("The hub itself wrote it.");
    }
    if facts.is_moderator && facts.is_web {
        return pass("A moderator wrote it on the web.");
    }
    match wishes.nonmember_action {
        Action::Accept => pass("The list takes posts of people who are not members."),
        Action::Hold => hit(Action::Hold, "Its author is not a member, so a moderator decides."),
        Action::Reject => hit(Action::Reject, "Only members write to this list. Join it first."),
        Action::Discard => hit(Action::Discard, "Posts of people who are not members are dropped."),
    }
}

#[cfg(test)]
mod tests;

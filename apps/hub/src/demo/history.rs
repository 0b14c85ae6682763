//! The commits of the two repositories: those that mend an issue, when it is resolved, and those without one.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::luck::Luck;
use super::marks;
use super::plan::Step;
use super::tree::{Change, Tree};
use super::year::Names;

const TEXT: &str = include_str!("text/commits.txt");
/// Commits of one person within this time go out with one push.
const TOGETHER: Duration = Duration::hours(4);

/// Where a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The library, in git.
    Library,
    /// The samples, in Subversion.
    Corpus,
}

/// One commit with what it does to the files.
#[derive(Clone, Debug)]
pub struct Commit {
    pub at: DateTime<Utc>,
    pub who: usize,
    pub message: String,
    pub changes: Vec<Change>,
}

/// Commits that went out at once.
#[derive(Clone, Debug)]
pub struct Push {
    pub place: Place,
    /// Positions among the commits of the place.
    pub commits: std::ops::Range<usize>,
    pub who: usize,
    /// The version that is released with it.
    pub tag: Option<String>,
}

/// The pushes of a year with their times.
pub type Pushes = Vec<(DateTime<Utc>, Push)>;

/// Both repositories.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub library: Vec<Commit>,
    pub corpus: Vec<Commit>,
}

struct Draft {
    at: DateTime<Utc>,
    place: Place,
    who: usize,
    subject: String,
    body: String,
    issue: Option<i64>,
}

/// Makes the commits and their pushes. A step that resolves an issue which a commit mends no longer does so by itself:
/// the commit does, and the step comes a little later.
pub fn history(
    names: &Names<'_>,
    luck: &mut Luck,
    steps: &mut [Step],
    titles: &[(String, String)],
) -> anyhow::Result<(History, Pushes)> {
    let mut drafts = vec![];
    let resolving = steps.iter().enumerate().filter(|(_, step)| step.sets.iter().any(|(_, to)| to == "resolved"));
    let resolving: HashMap<usize, usize> = resolving.map(|(at, step)| (step.issue, at)).collect();
    for mark in marks::marks(TEXT) {
        let words: Vec<&str> = mark.rest.split_whitespace().collect();
        let (before, subject) = mark.rest.rsplit_once(" | ").unwrap_or_default();
        match (mark.word, &words[..]) {
            ("fix", [place, ..]) => {
                let (_, issue) = before.split_once(" | ").unwrap_or_default();
                let found = titles.iter().position(|(key, title)| key == issue || title == issue);
                let found =
                    found.ok_or_else(|| anyhow::anyhow!("A commit of the demo mends {issue}, which is no issue"))?;
                let Some(step) = resolving.get(&found).and_then(|at| steps.get_mut(*at)) else { continue };
                step.sets.retain(|(property, _)| *property != "status");
                let (at, who, issue) = (step.at, step.who, names.issue(issue));
                step.at += Duration::seconds(90 + luck.below(1_500) as i64);
                drafts.push(draft(at, place, who, subject, &mark.body, issue));
            }
            ("work", [place, days, who, ..]) => {
                let time = NaiveTime::from_num_seconds_from_midnight_opt(30_000 + luck.below(45_000) as u32, 0);
                let day = (names.end - Duration::days(days.parse()?)).date_naive();
                let at = day.and_time(time.unwrap_or_default()).and_utc();
                drafts.push(draft(at, place, names.person(who)?, subject, &mark.body, None));
            }
            _ => anyhow::bail!("A commit of the demo says too little: {}", mark.rest),
        }
    }
    drafts.retain(|draft| draft.at < names.end - Duration::minutes(30));
    // The series of a day keeps the order in which it is written.
    drafts.sort_by_key(|draft| (draft.at.date_naive(), draft.who, draft.issue.is_some()));
    Ok(pushed(names, luck, drafts))
}

fn draft(at: DateTime<Utc>, place: &str, who: usize, subject: &str, body: &str, issue: Option<i64>) -> Draft {
    let place = if place == "svn" { Place::Corpus } else { Place::Library };
    let number = issue.map(|number| number.to_string()).unwrap_or_default();
    let body = body.replace("{issue}", &number).trim_end().to_owned();
    Draft { at, place, who, subject: subject.to_owned(), body, issue }
}

fn pushed(names: &Names<'_>, luck: &mut Luck, drafts: Vec<Draft>) -> (History, Pushes) {
    let mut groups: Vec<Vec<Draft>> = vec![];
    for draft in drafts {
        let fits = |group: &&mut Vec<Draft>| {
            let first = &group[0];
            let together = first.issue.is_none() && draft.issue.is_none() && first.place == Place::Library;
            together
                && (first.who, first.place) == (draft.who, draft.place)
                && (draft.at - first.at).abs() < TOGETHER * 4
        };
        match groups.last_mut().filter(fits) {
            Some(group) => group.push(draft),
            None => groups.push(vec![draft]),
        }
    }
    groups.sort_by_key(|group| group[0].at);
    let (mut history, mut pushes, mut tree) = (History::default(), vec![], Tree::new(names.end));
    for group in groups {
        let (begin, place, who) = (group[0].at, group[0].place, group[0].who);
        let commits = if place == Place::Library { &mut history.library } else { &mut history.corpus };
        let (from, mut tag) = (commits.len(), None);
        let mut at = begin - Duration::minutes(8 * group.len() as i64);
        for draft in group {
            tag = draft
                .subject
                .strip_prefix("release: ")
                .filter(|rest| rest.starts_with('2') && !rest.contains(' '))
                .map(str::to_owned)
                .or(tag);
            let changes = tree.change(place, &draft.subject, draft.issue.is_some(), at, luck);
            let gap = if draft.body.is_empty() { "" } else { "\n\n" };
            let message = format!("{}{gap}{}\n", draft.subject, draft.body);
            commits.push(Commit { at, who, message, changes });
            at += Duration::minutes(3 + luck.below(5) as i64);
        }
        pushes.push((begin, Push { place, commits: from..commits.len(), who, tag }));
    }
    (history, pushes)
}

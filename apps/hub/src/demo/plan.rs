//! What happens in the year: who files what when, who answers, how it ends. Pure; one end gives one plan.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};
use serde::Deserialize;

use super::cores::{self, Core};
use super::luck::Luck;

/// Minor releases, and how many days before the end they came.
pub const RELEASES: [(&str, i64); 7] =
    [("2.3", 500), ("2.4", 330), ("2.4.1", 285), ("2.5", 205), ("2.5.1", 150), ("2.6", 70), ("2.6.1", 22)];

#[derive(Clone, Debug, Deserialize)]
pub struct Person(pub String, pub String, pub String, pub i64, pub f64, pub f64, pub i64, pub String);

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

/// Issues that other texts speak of: key or title, filed and resolved so many days before the end.
const DATED: [(&str, i64, Option<i64>); 9] = [
    ("koi8-u treated as koi8-r", 233, Some(227)),
    ("Drop the C accelerator for base64", 311, Some(262)),
    ("Support QRESYNC to synchronise faster", 198, Some(176)),
    ("Bcc is written into the message", 352, Some(340)),
    ("maildir", 292, Some(290)),
    ("async", 300, None),
    ("inject", 88, Some(80)),
    ("arc", 86, None),
    ("takeout", 55, Some(49)),
];
/// Those who change what others wrote: so many of the people, from the first.
pub const DEVELOPERS: usize = 20;

/// What happens to the issues of a year.
pub struct Plan {
    pub people: Vec<Person>,
    /// In the order of time; the first step of each issue files it.
    pub steps: Vec<Step>,
    pub issues: Vec<Core>,
}

/// One thing that somebody does with an issue.
#[derive(Clone, Debug)]
pub struct Step {
    pub at: DateTime<Utc>,
    /// Position in `issues`.
    pub issue: usize,
    /// Whether the issue is filed by it.
    pub files: bool,
    pub who: usize,
    pub text: String,
    /// Links by name: `status`, `priority`, `assignedto`, ...
    pub sets: Vec<(&'static str, String)>,
}

/// Plans the issues of the year that ends at `end`.
pub fn plan(end: DateTime<Utc>) -> anyhow::Result<Plan> {
    let people: People = toml::from_str(include_str!("text/people.toml"))?;
    let rules: BTreeMap<String, Vec<String>> = toml::from_str(include_str!("text/rules.toml"))?;
    let mut luck = Luck::new(20_260_411);
    let mut issues = cores::all()?;
    luck.shuffle(&mut issues);
    let mut maker = Maker { end, people: people.person, rules, decks: BTreeMap::new(), luck };
    let mut steps: Vec<Step> = vec![];
    for (at, core) in issues.iter().enumerate() {
        steps.extend(maker.story(at, core));
    }
    steps.retain(|step| step.at < end);
    steps.sort_by_key(|step| (step.at, step.issue));
    Ok(Plan { people: maker.people, steps, issues })
}

/// An issue while it is told.
struct Story {
    issue: usize,
    reporter: usize,
    owner: usize,
    /// When the last thing happened.
    at: DateTime<Utc>,
    steps: Vec<Step>,
}

impl Story {
    fn add(&mut self, who: usize, text: String, sets: Vec<(&'static str, String)>) {
        let files = self.steps.is_empty();
        self.steps.push(Step { at: self.at, issue: self.issue, files, who, text, sets });
    }
}

struct Maker {
    end: DateTime<Utc>,
    people: Vec<Person>,
    rules: BTreeMap<String, Vec<String>>,
    decks: BTreeMap<String, Vec<String>>,
    luck: Luck,
}

impl Maker {
    /// A phrase of a rule; each comes once before any comes twice.
    fn say(&mut self, rule: &str) -> String {
        let (rules, luck) = (&self.rules, &mut self.luck);
        let deck = self.decks.entry(rule.to_owned()).or_default();
        if deck.is_empty() {
            deck.clone_from(rules.get(rule).unwrap_or(&vec![]));
            luck.shuffle(deck);
        }
        deck.pop().unwrap_or_default()
    }

    /// Somebody who was there at that time, by how much they do.
    fn somebody(&mut self, at: DateTime<Utc>, not: usize, weight: fn(&Person) -> f64) -> usize {
        let days = (self.end - at).num_days();
        let weights: Vec<f64> = self
            .people
            .iter()
            .enumerate()
            .map(|(who, person)| if person.6 > days && who != not { weight(person) } else { 0.0 })
            .collect();
        self.luck.weighed(&weights)
    }

    /// The next time at or after `at` when this person sits at a keyboard.
    fn awake(&mut self, at: DateTime<Utc>, who: usize) -> DateTime<Utc> {
        let offset = Duration::hours(self.people[who].3);
        let mut at = at + Duration::seconds(self.luck.below(3_000) as i64);
        for _ in 0..200 {
            let local = at + offset;
            let hour = local.hour();
            let weekend = local.weekday().number_from_monday() > 5;
            let chance = match hour {
                9..=12 | 14..=17 => 0.5,
                8 | 13 | 18..=22 => 0.35,
                23 | 0 => 0.08,
                _ => 0.01,
            };
            if self.luck.hits(if weekend { chance * 0.5 } else { chance }) {
                return at;
            }
            at += Duration::minutes(25 + self.luck.below(50) as i64);
        }
        at
    }

    /// After a while that is mostly short and sometimes long.
    fn later(&mut self, at: DateTime<Utc>, typical_hours: f64, who: usize) -> DateTime<Utc> {
        let factor = ((self.luck.part() + self.luck.part() + self.luck.part() - 1.5) * 2.2).exp();
        self.awake(at + Duration::minutes((typical_hours * 60.0 * factor) as i64), who)
    }

    /// All that happens with an issue.
    fn story(&mut self, issue: usize, core: &Core) -> Vec<Step> {
        // More is filed as the project grows.
        let days = 364.0 * (1.0 - self.luck.part().sqrt());
        let dated = DATED.iter().find(|(name, ..)| *name == core.key || *name == core.title);
        let start = match dated {
            Some((_, days, _)) => self.end - Duration::days(*days),
            None => self.end - Duration::minutes((days * 1440.0) as i64 + 60),
        };
        let reporter = self.somebody(start, usize::MAX, |person| person.4);
        let filed = self.awake(start, reporter).min(self.end - Duration::minutes(20));
        let owner = self.somebody(filed, reporter, |person| (person.5 - 1.0).powi(2));
        let mut story = Story { issue, reporter, owner, at: filed, steps: vec![] };
        self.begin(&mut story, core);
        match dated {
            Some((_, _, None)) => {}
            Some((_, _, Some(days))) => {
                let end = self.end - Duration::days(*days);
                story.steps.retain(|step| step.files || step.at < end - Duration::hours(3));
                story.at = end - Duration::hours(2);
                self.explain(&mut story, core, "in-progress", None);
                story.at = end;
                self.resolve(&mut story, core);
            }
            None if self.luck.hits(0.1) => {}
            None => self.finish(&mut story, core),
        }
        story.steps
    }

    /// Somebody files it, somebody takes it, they talk.
    fn begin(&mut self, story: &mut Story, core: &Core) {
        let version = self.version(story.at);
        let (reporter, owner) = (story.reporter, story.owner);
        let first_names = [self.first_name(reporter).to_owned(), self.first_name(owner).to_owned()];
        let words = |text: String| {
            text.replace("{version}", &version)
                .replace("{component}", &core.component)
                .replace("{reporter}", &first_names[0])
                .replace("{owner}", &first_names[1])
        };
        let priority = ["normal", "normal", "normal", "low", "high", "urgent"][self.luck.below(6)];
        let sets = vec![
            ("type", core.kind.into()),
            ("components", core.component.clone()),
            ("priority", priority.into()),
            ("versions", version.clone()),
        ];
        story.add(reporter, report(core), sets);
        story.at = self.later(story.at, 9.0, owner);
        let dialogue = words(self.say(&format!("ask-{}", core.kind)));
        let mut said = dialogue.split(" | ").map(str::to_owned);
        let asked = said.next().unwrap_or_default();
        let answers: Vec<String> = said.collect();
        story.add(owner, asked, vec![("status", "open".into()), ("assignedto", self.people[owner].0.clone())]);
        if !answers.is_empty() && self.luck.hits(0.85) {
            story.at = self.later(story.at, 14.0, reporter);
            let answer = answers[self.luck.below(answers.len())].clone();
            story.add(reporter, answer, vec![]);
        }
        for remark in &core.remarks {
            let mut who = self.somebody(story.at, reporter, |person| person.5);
            // Nobody goes on where they left off while others are there.
            for _ in 0..4 {
                if who == owner {
                    who = self.somebody(story.at, reporter, |person| person.5);
                }
            }
            story.at = self.later(story.at, 20.0, who);
            story.add(who, remark.clone(), vec![]);
        }
    }

    /// What it comes to.
    fn finish(&mut self, story: &mut Story, core: &Core) {
        story.at = self.later(story.at, 90.0, story.owner);
        let ends = [("wontfix", "wont fix"), ("invalid", "invalid"), ("answered", "works for me")];
        if let Some((_, resolution)) = ends.iter().find(|(word, _)| *word == core.outcome) {
            return self.explain(story, core, "closed", Some(resolution));
        }
        self.explain(story, core, "in-progress", None);
        if self.luck.hits(0.07) {
            return;
        }
        story.at = self.later(story.at, 120.0, story.owner);
        self.resolve(story, core);
    }

    fn explain(&mut self, story: &mut Story, core: &Core, status: &str, resolution: Option<&str>) {
        let rule = if core.kind == "bug" { "cause-bug" } else { "cause-other" };
        let cause = format!("{}{}", self.say(rule), core.cause);
        let mut sets = vec![("status", status.to_owned())];
        sets.extend(resolution.map(|resolution| ("resolution", resolution.to_owned())));
        story.add(story.owner, cause, sets);
    }

    fn resolve(&mut self, story: &mut Story, core: &Core) {
        let milestone = self.next_release(story.at);
        let sets = vec![("status", "resolved".into()), ("resolution", "fixed".into()), ("milestone", milestone)];
        story.add(story.owner, String::new(), sets);
        if self.luck.hits(0.35) {
            let version = self.version(story.at);
            story.at = self.later(story.at, 30.0, story.reporter);
            let rule = if core.kind == "bug" { "done-bug" } else { "done-other" };
            let thanks = self.say(rule).replace("{version}", &version);
            let thanks = thanks.replace("{owner}", self.first_name(story.owner));
            story.add(story.reporter, thanks, vec![("status", "closed".into())]);
        }
    }

    fn first_name(&self, who: usize) -> &str {
        self.people[who].1.split(' ').next().unwrap_or_default()
    }

    fn version(&self, at: DateTime<Utc>) -> String {
        let days = (self.end - at).num_days();
        RELEASES.iter().rev().find(|(_, ago)| *ago > days).map_or("2.3", |(name, _)| name).to_owned()
    }

    fn next_release(&self, at: DateTime<Utc>) -> String {
        let days = (self.end - at).num_days();
        RELEASES.iter().find(|(_, ago)| *ago < days).map_or("2.7", |(name, _)| name).to_owned()
    }
}

/// What the reporter writes, with a traceback where there is one.
fn report(core: &Core) -> String {
    let Some((chain, error)) = core.trace.split_once(" | ") else { return core.symptom.clone() };
    let (file, functions) = chain.split_once(' ').unwrap_or((chain, "main"));
    let mut text = format!("{}\n\n    Traceback (most recent call last):\n", core.symptom);
    for (at, function) in functions.replace("<module>", "\u{1}").split('>').enumerate() {
        let function = function.replace('\u{1}', "<module>");
        let line = 40 + (function.len() * 37 + at * 61 + file.len() * 13) % 400;
        text.push_str(&format!("      File \"papermoth/{file}\", line {line}, in {function}\n"));
    }
    format!("{text}    {error}\n")
}

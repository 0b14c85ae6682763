//! Everything that happens in the year, in the order of time: the issues of the plan, the mails, the talk, the pages.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::cores::Core;
use super::history::{self, History, Push};
use super::luck::Luck;
use super::plan::{self, Person, Step};
use super::{mails, minutes, pages, talk};

/// All of a year.
pub struct Year {
    pub end: DateTime<Utc>,
    pub people: Vec<Person>,
    pub issues: Vec<Core>,
    pub history: History,
    /// In the order of time.
    pub deeds: Vec<(DateTime<Utc>, Deed)>,
}

/// One thing that happens.
pub enum Deed {
    Join(usize),
    Issue(Step),
    Mail(mails::Mail),
    Talk(talk::Said),
    Pages(Vec<pages::File>),
    Push(Push),
}

/// What the texts refer to.
pub struct Names<'p> {
    pub end: DateTime<Utc>,
    pub people: &'p [Person],
    numbers: HashMap<String, i64>,
}

impl Names<'_> {
    /// So many days before the end, at a time of the day.
    pub fn at(&self, days: &str, time: &str) -> anyhow::Result<DateTime<Utc>> {
        let time = NaiveTime::parse_from_str(time, "%H:%M")?;
        let day = (self.end - Duration::days(days.parse()?)).date_naive();
        Ok(day.and_time(time).and_utc())
    }

    /// The position of a person.
    pub fn person(&self, name: &str) -> anyhow::Result<usize> {
        let found = self.people.iter().position(|person| person.0 == name);
        found.ok_or_else(|| anyhow::anyhow!("The demo has nobody called {name}"))
    }

    /// The number of the issue with this key or title.
    pub fn issue(&self, key: &str) -> Option<i64> {
        self.numbers.get(key).copied()
    }
}

/// The year that ends at `end`.
pub fn year(end: DateTime<Utc>) -> anyhow::Result<Year> {
    let mut plan = plan::plan(end)?;
    let mut numbers = HashMap::new();
    let mut filed = 0;
    for step in plan.steps.iter().filter(|step| step.files) {
        let core = &plan.issues[step.issue];
        filed += 1;
        for name in [&core.title, &core.key] {
            numbers.entry(name.clone()).or_insert(filed);
        }
    }
    let names = Names { end, people: &plan.people, numbers };
    let mut luck = Luck::new(7);
    let mut deeds: Vec<(DateTime<Utc>, Deed)> = vec![];
    let joined = plan.people.iter().enumerate();
    deeds.extend(joined.map(|(who, person)| (end - Duration::days(person.6), Deed::Join(who))));
    deeds.extend(mails::all(&names, &mut luck)?.into_iter().map(|(at, mail)| (at, Deed::Mail(mail))));
    let talk = talk::all(&names, &mut luck)?;
    for minutes in minutes::all(&talk) {
        let (at, mail) = mails::minutes(&names, &minutes)?;
        deeds.push((at, Deed::Mail(mail)));
    }
    deeds.extend(talk.into_iter().map(|(at, said)| (at, Deed::Talk(said))));
    deeds.extend(pages::all(&names)?.into_iter().map(|(at, files)| (at, Deed::Pages(files))));
    let titles: Vec<_> = plan.issues.iter().map(|core| (core.key.clone(), core.title.clone())).collect();
    let (history, pushes) = history::history(&names, &mut luck, &mut plan.steps, &titles)?;
    deeds.extend(pushes.into_iter().map(|(at, push)| (at, Deed::Push(push))));
    deeds.extend(plan.steps.into_iter().map(|step| (step.at, Deed::Issue(step))));
    deeds.retain(|(at, _)| *at < end);
    deeds.sort_by_key(|(at, _)| *at);
    Ok(Year { end, people: plan.people, issues: plan.issues, history, deeds })
}

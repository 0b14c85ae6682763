//! Lists are found in memory and by the database, and both find the same.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use chrono::Duration;
use common::{form, hub};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use testkit::{Browser, TestHub};

/// Conditions of which lists are made. What only the database knows is not among them.
const CONDITIONS: &[&str] = &[
    "state=all",
    "state=open",
    "state=waiting,done",
    "status=unread,resolved",
    "status=!chatting",
    "status=-1",
    "priority=bug",
    "priority=!bug,wish",
    "priority=-1,critical",
    "priority=!-1",
    "keyword=gc",
    "keyword=gc,jit",
    "keyword=!gc",
    "keyword=-1",
    "keyword=!-1,jit",
    "keyword=nothing",
    "assignedto=ann",
    "assignedto=-1",
    "assignedto=!ann",
    "nosy=bob",
    "nosy=!bob,ann",
    "creator=ann",
    "creator=!ann",
    "actor=bob",
    "id=3,4,5,17,900",
    "id=!3",
    "messages=2..",
    "messages=!1",
    "activity=-40m..",
    "activity=-3h..-1h",
    "activity=!-40m..",
    "creation=..-2h",
    "retired=yes",
    "q=crashes",
    "q=issue",
    "q=crashes+-priority:bug",
];
/// Orders of lists, those that memory has.
const ORDERS: &[&str] = &[
    "sort=-activity",
    "sort=activity",
    "sort=id",
    "sort=-creation",
    "sort=-messages,priority",
    "sort=status,-priority,-id",
    "group=priority",
    "group=-status&sort=-messages",
    "",
];

struct Tried {
    hub: TestHub,
    root: Browser,
    people: [Browser; 2],
    dice: StdRng,
}

impl Tried {
    /// Files an issue, or changes one of so many.
    async fn change(&mut self, count: u32) {
        self.hub.wait(Duration::minutes(self.dice.random_range(0..3)));
        let mut fields = vec![("title".to_owned(), format!("Issue {}", self.dice.random::<u16>()))];
        let mut add = |name: &str, choices: &[&str], dice: &mut StdRng| {
            fields.push((name.to_owned(), (*choices.choose(dice).unwrap()).to_owned()));
        };
        let dice = &mut self.dice;
        add("priority", &["bug", "wish", "critical", "-1"], dice);
        add("status", &["unread", "chatting", "resolved", "need-eg"], dice);
        add("assignedto", &["ann", "bob", "-1"], dice);
        add("keyword", &["1", "2", "-1"], dice);
        add("keyword", &["1", "2", "3"], dice);
        add("message", &["It crashes.", "", ""], dice);
        let who = self.people.choose(dice).unwrap();
        let number = dice.random_range(0..=count);
        match number {
            0 => who.post("/issues/new", fields).await.expect(303),
            number if dice.random_ratio(1, 12) => {
                let deed = if dice.random() { "retire" } else { "restore" };
                self.root.post(&format!("/issues/{number}/{deed}"), form(&[])).await.expect(303)
            }
            number => who.post(&format!("/issues/{number}"), fields).await.expect(303),
        };
    }

    fn query(&mut self) -> String {
        let count = self.dice.random_range(0..=3);
        let mut parts: Vec<&str> = (0..count).map(|_| *CONDITIONS.choose(&mut self.dice).unwrap()).collect();
        parts.push(ORDERS.choose(&mut self.dice).unwrap());
        parts.join("&")
    }

    /// The numbers of a list by all its pages, how many there are said to be, and whether the database had to order it.
    async fn listed(&self, query: &str) -> (Vec<i64>, i64, bool) {
        let store = &self.hub.hub.store;
        let (mut numbers, mut page, mut ordered) = (vec![], 1, false);
        loop {
            store.record();
            let reply =
                self.root.get(&format!("/issues.json?{query}&columns=id&size=20&page={page}")).await.expect(200);
            let by_database = |sql: &str| sql.contains("FROM tracker_issue i WHERE") && sql.contains("ORDER BY");
            ordered |= store.recorded().iter().any(|statement| by_database(&statement.sql));
            let list: serde_json::Value = serde_json::from_str(&reply.text()).unwrap();
            let rows = list["issues"].as_array().unwrap();
            numbers.extend(rows.iter().map(|row| row["id"].as_i64().unwrap()));
            let total = list["total"].as_i64().unwrap();
            if rows.is_empty() || numbers.len() as i64 >= total {
                return (numbers, total, ordered);
            }
            page += 1;
        }
    }

    /// The same list as a file, which the database orders.
    async fn in_file(&self, query: &str) -> Vec<i64> {
        let file = self.root.get(&format!("/issues.csv?{query}&columns=id")).await.expect(200).text();
        file.lines().skip(1).map(|line| line.parse().unwrap_or_else(|_| panic!("a number: {line:?}"))).collect()
    }

    /// Asks until lists are found in memory, as they are when it was read.
    async fn stands(&self) {
        for _ in 0..200 {
            if !self.listed("sort=id").await.2 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            self.people[0].post("/issues/1", form(&[("message", "again")])).await.expect(303);
        }
        panic!("the database is asked for every list");
    }
}

#[tokio::test]
async fn lists_from_memory_are_those_that_the_database_finds() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    let people =
        [hub.user_with("ann", people::Role::Developer).await, hub.user_with("bob", people::Role::Developer).await];
    for keyword in ["gc", "jit", "docs"] {
        root.post("/issues/settings/items", form(&[("class", "keyword"), ("name", keyword), ("do", "add")]))
            .await
            .expect(303);
    }
    let mut tried = Tried { hub, root, people, dice: StdRng::seed_from_u64(2007) };
    for _ in 0..60 {
        tried.change(0).await;
    }
    tried.stands().await;
    let mut some = 0;
    for round in 0..60 {
        for _ in 0..3 {
            tried.change(60).await;
        }
        tried.hub.settle().await;
        for _ in 0..4 {
            let query = tried.query();
            let (numbers, total, ordered) = tried.listed(&query).await;
            assert!(!ordered, "round {round}: the database was asked for {query}");
            assert_eq!(numbers, tried.in_file(&query).await, "round {round}: {query}");
            assert_eq!(total as usize, numbers.len(), "round {round}: {query}");
            some += usize::from(!numbers.is_empty());
        }
    }
    assert!(some > 100, "only {some} lists had issues");
}

#[tokio::test]
async fn a_new_keyword_is_known_to_lists_at_once() {
    let hub = hub().await;
    let root = hub.admin("root").await;
    let ann = hub.user_with("ann", people::Role::Developer).await;
    ann.post("/issues/new", form(&[("title", "One")])).await.expect(303);
    let tried = Tried { hub, root, people: [ann.clone(), ann], dice: StdRng::seed_from_u64(1) };
    tried.stands().await;
    let add = form(&[("class", "keyword"), ("name", "gc"), ("do", "add")]);
    tried.root.post("/issues/settings/items", add).await.expect(303);
    tried.people[0].post("/issues/1", form(&[("keyword", "1")])).await.expect(303);
    assert_eq!(tried.listed("keyword=gc").await.0, [1]);
    tried.stands().await;
    assert_eq!(tried.listed("keyword=gc").await.0, [1]);
}

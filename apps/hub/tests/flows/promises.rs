//! What pages promise: every link of a hub that has something of everything leads somewhere, and every feed is one whose
//! entries lead somewhere.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::str::FromStr;

use atom_syndication::Feed;

use crate::harness::{Answer, Village, Visitor};
use crate::pages::shape;

/// The page that shows each component with things that there are not.
const MADE_UP: &str = "/admin/theme/gallery";
/// Links of one shape that are followed.
const OF_ONE_SHAPE: usize = 3;

/// Follows links until there is no new one.
struct Walk<'v> {
    visitor: &'v Visitor,
    base: String,
    waiting: VecDeque<(String, String)>,
    known: BTreeSet<String>,
    shapes: BTreeMap<String, usize>,
    feeds: usize,
    faults: Vec<String>,
}

impl Walk<'_> {
    /// Remembers a link that stands on a page, unless enough like it are known.
    fn note(&mut self, page: &str, link: &str) {
        let link = link.strip_prefix(&self.base).unwrap_or(link);
        let link = link.split('#').next().unwrap_or_default();
        if !link.starts_with('/') || link.starts_with("/logout") || !self.known.insert(link.to_owned()) {
            return;
        }
        let seen = self.shapes.entry(shape(link)).or_default();
        *seen += 1;
        if *seen <= OF_ONE_SHAPE {
            self.waiting.push_back((page.to_owned(), link.to_owned()));
        }
    }

    fn run(&mut self) {
        while let Some((page, link)) = self.waiting.pop_front() {
            let answer = self.visitor.get(&link);
            if answer.status >= 400 {
                self.faults.push(format!("{page} links to {link}, which answers {}", answer.status));
            } else if link.split('?').next().is_some_and(|path| path.ends_with(".atom")) {
                self.feed(&page, &link, &answer);
            } else if answer.text.starts_with("<!doctype html>") && link != MADE_UP {
                for (selector, name) in [("a[href], link[href]", "href"), ("img[src], script[src]", "src")] {
                    for found in answer.attributes(selector, name) {
                        self.note(&link, &found);
                    }
                }
            }
        }
    }

    /// A feed must be read as RFC 4287 says, and be about something.
    fn feed(&mut self, page: &str, link: &str, answer: &Answer) {
        self.feeds += 1;
        let feed = match Feed::from_str(&answer.text) {
            Ok(feed) => feed,
            Err(fault) => return self.faults.push(format!("{page} promises the feed {link}: {fault}")),
        };
        if feed.id().is_empty() || feed.title().as_str().is_empty() {
            self.faults.push(format!("the feed {link} has no id or no title"));
        }
        let ids: BTreeSet<&str> = feed.entries().iter().map(|entry| entry.id()).collect();
        if ids.len() != feed.entries().len() {
            self.faults.push(format!("the feed {link} has two entries of one id"));
        }
        for to in feed.entries().iter().flat_map(|entry| entry.links()) {
            self.note(link, to.href());
        }
    }
}

fn walk(village: &Village, visitor: &Visitor, starts: &[&str]) -> (usize, usize, Vec<String>) {
    let base = format!("http://127.0.0.1:{}", village.hub.http);
    let (waiting, known, shapes) = (VecDeque::new(), BTreeSet::new(), BTreeMap::new());
    let mut walk = Walk { visitor, base, waiting, known, shapes, feeds: 0, faults: vec![] };
    for start in starts {
        walk.note("the start", start);
    }
    walk.run();
    (walk.known.len(), walk.feeds, walk.faults)
}

#[test]
fn every_link_leads_somewhere_and_every_feed_is_one() {
    let village = Village::start();
    let (links, feeds, faults) = walk(&village, &village.hub.stranger(), &["/"]);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(links > 100 && feeds > 8, "a stranger finds {links} links and {feeds} feeds");
    let (links, feeds, faults) = walk(&village, &village.ann, &["/", "/admin", "/me"]);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(links > 150 && feeds > 8, "an administrator finds {links} links and {feeds} feeds");
}

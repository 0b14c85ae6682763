//! Pages that hear of news while they are open (Server-Sent Events, HTML Living Standard section 9.2).
//!
//! A page asks `/live?on=TOPIC&after=N`: its own topic ([`journal::Event::topics`]) or `everything`, and the number of the
//! last entry that it may have shown. When something happens there it is told to look; it fetches itself again and takes
//! over what it does not have. So nobody is told more than their own page says, whatever changed of their rights.
//!
//! One task a hub reads the journal ([`Live::run`]), woken by the commits of this hub and, for those of other hubs on the
//! same database, by a slow poll. The streams hang on that task and ask the database nothing.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Query;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use jobs::Stop;
use journal::query::{self, Heard};
use kernel::Hub;
use serde::Deserialize;
use store::StoreError;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{Error, Page, Result};

/// Streams at one time, of everybody and of one address.
const MOST: usize = 2_000;
const MOST_OF_ONE: usize = 100;
/// How long a stream lasts; then the browser opens a new one, with the rights that its person has then.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// How often the journal is looked at for what other hubs wrote.
const POLL: Duration = Duration::from_secs(2);
/// What happens within this time is told at once.
const GATHER: Duration = Duration::from_millis(150);
/// Entries that a page may have missed and still be told of precisely.
const KEPT: usize = 500;
const BATCH: u64 = 500;

/// What the open pages of this hub hang on.
pub struct Live {
    heard: broadcast::Sender<Arc<Heard>>,
    recent: Mutex<VecDeque<Arc<Heard>>>,
    head: AtomicI64,
    streams: Arc<Mutex<HashMap<IpAddr, usize>>>,
    stop: Stop,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            heard: broadcast::channel(KEPT).0,
            recent: Mutex::default(),
            head: AtomicI64::new(0),
            streams: Arc::default(),
            stop: Stop::new(),
        }
    }
}

/// The routes of this mechanism.
pub fn routes() -> Router {
    Router::new().route("/live", get(follow))
}

impl Live {
    /// The number of the last entry that was heard of: what a page that is rendered now shows at least.
    pub fn head(&self) -> i64 {
        self.head.load(Ordering::Relaxed)
    }

    /// Reads the journal as it grows, until `stop` is cancelled; then all streams end.
    pub async fn run(&self, hub: &Hub, stop: Stop) {
        let mut bell = hub.store.bell(journal::BELL);
        let mut begun = false;
        while !stop.is_cancelled() {
            bell.mark_unchanged();
            let read = if begun { self.read(hub).await } else { self.begin(hub).await };
            match read {
                Ok(()) => begun = true,
                Err(error) => tracing::warn!(%error, "open pages wait for the database"),
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(POLL) => {}
                _ = bell.changed(), if begun => {}
            }
        }
        self.stop.cancel();
    }

    async fn begin(&self, hub: &Hub) -> Result<(), StoreError> {
        self.head.store(query::last(&hub.store.read()).await?, Ordering::Relaxed);
        Ok(())
    }

    async fn read(&self, hub: &Hub) -> Result<(), StoreError> {
        loop {
            let news = query::heard(&hub.store.read(), self.head(), BATCH).await?;
            let count = news.len() as u64;
            for one in news {
                self.tell(one);
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    fn tell(&self, heard: Heard) {
        let heard = Arc::new(heard);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(heard.clone());
        self.head.store(heard.id, Ordering::Relaxed);
        // Nobody listens: that is no failure.
        let _ = self.heard.send(heard);
    }

    /// The entry to look for when something may have happened after `after` that this page has not shown.
    fn missed(&self, after: i64, wanted: &Wanted) -> Option<i64> {
        let (recent, head) = (self.recent.lock().unwrap_or_else(PoisonError::into_inner), self.head());
        let known = recent.front().map_or(head, |first| first.id - 1);
        if after < known {
            return Some(head);
        }
        recent.iter().rev().take_while(|heard| heard.id > after).find(|heard| wanted.is(heard)).map(|heard| heard.id)
    }

    /// A place among the streams, or a refusal.
    fn sit(&self, client: IpAddr) -> Result<Place> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = streams.values().sum();
        let own = streams.get(&client).copied().unwrap_or_default();
        if all >= MOST || own >= MOST_OF_ONE {
            let (most, whose) = if all >= MOST { (MOST, "") } else { (MOST_OF_ONE, " from your address") };
            let text = format!("{most} pages that hear of news are open{whose}. Reload this one to see what is new.");
            return Err(Error::Busy(text));
        }
        streams.insert(client, own + 1);
        Ok(Place { client, streams: self.streams.clone() })
    }
}

/// A place among the streams; dropped, it is free.
struct Place {
    client: IpAddr,
    streams: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = streams.get_mut(&self.client) {
            *own -= 1;
            if *own == 0 {
                streams.remove(&self.client);
            }
        }
    }
}

/// What a page wants to hear of.
struct Wanted {
    topic: String,
    audiences: Vec<String>,
}

impl Wanted {
    fn is(&self, heard: &Heard) -> bool {
        self.audiences.contains(&heard.audience) && (self.topic == "everything" || heard.topics.contains(&self.topic))
    }
}

#[derive(Deserialize)]
struct Asked {
    on: String,
    #[serde(default)]
    after: i64,
}

async fn follow(page: Page, Query(asked): Query<Asked>, headers: HeaderMap) -> Result<Response> {
    let live = page.live().clone();
    let wanted = Wanted { topic: asked.on, audiences: page.actor().audiences() };
    let ear = live.heard.subscribe();
    let missed = live.missed(seen(&headers).unwrap_or(asked.after), &wanted);
    let first = stream::iter(missed.map(look));
    let later = stream::unfold((ear, wanted, live), |(mut ear, wanted, live)| async move {
        let event = next(&mut ear, &wanted, &live).await?;
        Some((event, (ear, wanted, live)))
    });
    page.stream(first.chain(later))
}

/// The last event that a browser saw which lost the connection.
pub fn seen(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

async fn next(ear: &mut broadcast::Receiver<Arc<Heard>>, wanted: &Wanted, live: &Live) -> Option<Event> {
    loop {
        match ear.recv().await {
            Ok(heard) if wanted.is(&heard) => {
                tokio::time::sleep(GATHER).await;
                let mut last = heard.id;
                while let Ok(later) = ear.try_recv() {
                    if wanted.is(&later) {
                        last = later.id;
                    }
                }
                return Some(look(last));
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return Some(look(live.head())),
            Err(RecvError::Closed) => return None,
        }
    }
}

fn look(entry: i64) -> Event {
    Event::default().event("look").id(entry.to_string()).data("look")
}

impl Page {
    /// Answers with events as they come: bounded in number and time, ended when the hub stops.
    pub fn stream(&self, events: impl Stream<Item = Event> + Send + 'static) -> Result<Response> {
        let place = self.live().sit(self.client())?;
        let stop = self.live().stop.clone();
        let end = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LIFE) => {}
            }
        };
        let events = events.take_until(Box::pin(end)).map(move |event| {
            let _held = &place;
            Ok::<_, Infallible>(event)
        });
        let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)));
        let mut response = answer.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A web server in front hands each event on at once (nginx, proxy_buffering).
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(id: i64, topic: &str, audience: &str) -> Heard {
        Heard { id, audience: audience.into(), topics: vec![topic.into()] }
    }

    fn wanted(topic: &str, audiences: &[&str]) -> Wanted {
        Wanted { topic: topic.into(), audiences: audiences.iter().map(|one| (*one).to_owned()).collect() }
    }

    #[test]
    fn a_page_is_told_of_its_own_topic_and_of_what_it_may_see() {
        let one = heard(7, "/issues/1", "members");
        for (topic, audiences, is) in [
            ("/issues/1", &["public", "members"][..], true),
            ("everything", &["public", "members"], true),
            ("/issues/2", &["public", "members"], false),
            ("/issues/1", &["public"], false),
            ("everything", &["public"], false),
        ] {
            assert_eq!(wanted(topic, audiences).is(&one), is, "{topic} {audiences:?}");
        }
    }

    #[test]
    fn what_was_missed_is_told_once_it_may_have_been_something() {
        let live = Live::default();
        let public = wanted("/issues/1", &["public"]);
        live.head.store(40, Ordering::Relaxed);
        assert_eq!(live.missed(40, &public), None, "nothing happened");
        assert_eq!(live.missed(12, &public), Some(40), "nobody knows what happened before this hub began");
        live.tell(heard(41, "/issues/2", "public"));
        live.tell(heard(43, "/issues/1", "public"));
        live.tell(heard(44, "/issues/1", "admins"));
        assert_eq!(live.missed(40, &public), Some(43));
        assert_eq!(live.missed(43, &public), None);
        for id in 45..45 + KEPT as i64 {
            live.tell(heard(id, "/issues/3", "public"));
        }
        assert_eq!(live.missed(44, &public), None, "all of it is known, and none of it is ours");
        assert_eq!(live.missed(43, &public), Some(live.head()), "one entry is forgotten");
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let live = Live::default();
        let client: IpAddr = [127, 0, 0, 1].into();
        let places: Vec<Place> = (0..MOST_OF_ONE).filter_map(|_| live.sit(client).ok()).collect();
        assert_eq!(places.len(), MOST_OF_ONE);
        assert!(matches!(live.sit(client), Err(Error::Busy(_))));
        assert!(live.sit([127, 0, 0, 2].into()).is_ok(), "another client has places of its own");
        let others = (1..).flat_map(|last| (0..MOST_OF_ONE).map(move |_| IpAddr::from([10, 0, 0, last])));
        let crowd: Vec<Place> = others.take(MOST - MOST_OF_ONE).filter_map(|other| live.sit(other).ok()).collect();
        assert_eq!(crowd.len(), MOST - MOST_OF_ONE);
        assert!(matches!(live.sit([127, 0, 0, 3].into()), Err(Error::Busy(_))), "all together are too many");
        drop(crowd);
        drop(places);
        assert!(live.sit(client).is_ok());
        assert!(live.streams.lock().is_ok_and(|streams| streams.is_empty()));
    }
}

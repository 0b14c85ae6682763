//! What hurts over HTTP alone.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::harness::PASSWORD;

/// A hub with these keys in `[hub]`.
fn guarded_with(keys: &str) -> (Hub, Visitor) {
    let mut hub = Hub::configured(None, "");
    hub.reconfigure(|config| config.replacen("[hub]\n", &format!("[hub]\n{keys}\n"), 1));
    hub.run();
    begun(hub)
}

/// A body: what it begins with, and a piece that comes so many times.
struct Flood<'a> {
    to: &'a str,
    /// More fields of the head, each with its line end.
    head: String,
    begins: &'a str,
    piece: Vec<u8>,
    times: usize,
    wanted: &'a str,
}

impl Flood<'_> {
    /// What is heard while it is sent.
    fn send(&self, hub: &Hub) -> String {
        let mut stream = connect(hub.http);
        let mut writing = stream.try_clone().expect("the same connection");
        writing.set_write_timeout(Some(Duration::from_secs(20))).expect("a limit");
        let length = self.begins.len() + self.piece.len() * self.times;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{}\r\n{}",
            self.to, self.head, self.begins
        );
        std::thread::scope(|scope| {
            scope.spawn(move || {
                send(&mut writing, head);
                // Whoever is refused may find that nobody listens any more.
                (0..self.times).all(|_| writing.write_all(&self.piece).is_ok())
            });
            hear(&mut stream, self.wanted)
        })
    }
}

#[test]
fn no_body_of_a_stranger_is_held_whole() {
    let (hub, ann) = guarded("");
    const PAIRS: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
    const PARTS: &str = "Content-Type: multipart/form-data; boundary=cut\r\n";
    let (page, cookie) = ("Accept: text/html\r\n", format!("Cookie: {}\r\n", ann.cookie()));
    let letters = || vec![b'x'; 1 << 20];
    let pairs = || b"a&".repeat(8 << 20);
    let parts = || b"--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(8_000);
    let endless = "--cut\r\nContent-Disposition: form-data; name=\"";
    let flood = |to, head: &[&str], begins, piece, times, wanted| Flood {
        to,
        head: head.concat(),
        begins,
        piece,
        times,
        wanted,
    };
    let (small, head, fields) = ("larger than 64 KB", "begins with more than 256 KB", "more than 10000 fields");
    let floods = [
        flood("/oidc/token", &[PAIRS], "code=", letters(), 600, small),
        flood("/oidc/userinfo", &[PAIRS], "access_token=", letters(), 600, small),
        flood("/oidc/authorize", &[PAIRS], "state=", letters(), 600, small),
        flood("/login", &[PAIRS], "", pairs(), 1, fields),
        flood("/issues/new", &[PARTS, &cookie], "", letters(), 400, head),
        flood("/issues/new", &[PARTS, &cookie], endless, letters(), 400, head),
        flood("/issues/new", &[PARTS, &cookie], "", parts(), 300, fields),
        // What was typed is looked for also where there is no such page.
        flood("/nowhere", &[PAIRS, page], "", pairs(), 1, "</html>"),
        flood("/nowhere", &[PARTS, page], "", letters(), 400, "</html>"),
        flood("/nowhere", &[PARTS, page], endless, letters(), 400, "</html>"),
        flood("/nowhere", &[PARTS, page], "", parts(), 300, "</html>"),
    ];
    let heard: Vec<String> = floods.iter().map(|flood| flood.send(&hub)).collect();
    let most = memory(&hub, "VmHWM") / 1024;
    println!("{most} MB at most");
    for (flood, heard) in floods.iter().zip(&heard) {
        let status = if flood.to == "/nowhere" { "HTTP/1.1 404" } else { "HTTP/1.1 413" };
        let first: String = heard.chars().take(2_000).collect();
        assert!(heard.starts_with(status) && heard.contains(flood.wanted), "{}: {first}", flood.to);
    }
    assert!(most < 400, "{most} MB at most");
    let log = hub.log();
    assert!([small, head, fields].iter().all(|limit| log.contains(limit)), "{log}");
    honest(&hub, &ann, "after");
}

#[test]
fn the_log_names_each_limit_that_is_met() {
    let (hub, ann) = guarded("[accounts]\nhashes = 1\nhashes_waiting = 1");
    let cookie = format!("Cookie: {}\r\nContent-Type: multipart/form-data; boundary=cut\r\n", ann.cookie());
    let flood = |to, head: &str, begins, times, wanted| {
        let flood = Flood { to, head: head.to_owned(), begins, piece: vec![b'x'; 1 << 20], times, wanted };
        let heard = flood.send(&hub);
        assert!(heard.starts_with("HTTP/1.1 413") && heard.contains(wanted), "{to}: {heard}");
    };
    flood("/hooks/none", "", "", 26, "webhook is larger than 25 MB");
    flood("/login", "Content-Type: application/x-www-form-urlencoded\r\n", "name=", 5, "form is larger than 4 MB");
    let file = "--cut\r\nContent-Disposition: form-data; name=\"files\"; filename=\"x\"\r\n\r\n";
    flood("/issues/new", &cookie, file, 51, "with its files is larger than 50 MB");
    wait_for("the refusal of a large head", || {
        let mut large = connect(hub.http);
        send(&mut large, format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "y".repeat(200_000)));
        hear(&mut large, "\r\n").starts_with("HTTP/1.1 431").then_some(())
    });
    let stranger = hub.stranger();
    let knocks: Vec<u16> =
        (0..40).map(|_| stranger.post_body("/hooks/none", "application/json", b"{}").status).collect();
    assert!(knocks.contains(&429), "{knocks:?}");
    let open: Vec<TcpStream> = (0..101)
        .map(|number| {
            let mut stream = connect(hub.http);
            send(&mut stream, "GET /live?on=everything HTTP/1.1\r\nHost: x\r\n\r\n");
            let status = if number < 100 { "HTTP/1.1 200" } else { "HTTP/1.1 503" };
            let heard = hear(&mut stream, "\r\n");
            assert!(heard.starts_with(status), "stream {number}: {heard}");
            stream
        })
        .collect();
    drop(open);
    wait_for("more logins than can be hashed", || {
        let guess = |name: &str| hub.stranger().submit("/login", "/login", &[("name", name), ("password", PASSWORD)]);
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let guesses: Vec<_> = names.iter().map(|name| scope.spawn(|| guess(name).status)).collect();
            guesses.into_iter().map(|guess| guess.join().expect("an answer")).collect()
        });
        statuses.contains(&503).then_some(())
    });
    let log = hub.log();
    for limit in [
        "body of a webhook is larger than 25 MB",
        "form is larger than 4 MB",
        "form with its files is larger than 50 MB",
        "the head of a request was too large",
        "webhooks with a wrong secret",
        "100 pages that hear of news are open",
        "checks too many passwords",
    ] {
        assert!(log.contains(limit), "the log does not name {limit}: {log}");
    }
}

#[test]
fn a_web_that_is_full_says_so_and_the_silent_make_room() {
    let (hub, ann) = guarded_with("max_connections = 20");
    let idle: Vec<TcpStream> = (0..20).map(|_| connect(hub.http)).collect();
    let told = hear(&mut connect(hub.http), "moment.");
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("Retry-After: 5"), "{told}");
    assert!(told.contains("Too many connections to the hub"), "{told}");
    let knock = || {
        let mut stream = connect(hub.http);
        send(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        hear(&mut stream, "\r\n").starts_with("HTTP/1.1 200")
    };
    assert!(!knock(), "all places are taken");
    wait_for("a free place", || knock().then_some(()));
    drop(idle);
    honest(&hub, &ann, "after");
    let log = hub.log();
    assert!(log.contains("hub.max_connections") && log.contains("the head of a request was too slow"), "{log}");
}

#[test]
fn fifty_who_hammer_the_search_keep_nobody_out() {
    let (hub, ann) = guarded("");
    let ends = Ends::default();
    let (told, answers) = (ends.0.clone(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Dropped also where something fails, so that they end.
        let _ends = ends;
        for number in 0..50 {
            let (stranger, told, answers) = (hub.stranger(), &told, &answers);
            scope.spawn(move || {
                while !told.load(Ordering::SeqCst) {
                    stranger.get(&format!("/search?q=honest+text+{number}")).expect(200);
                    answers.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for("the flood", || (answers.load(Ordering::SeqCst) >= 100).then_some(()));
        for _ in 0..3 {
            assert!(ann.get("/issues/").expect(200).text.contains("Honest before"));
        }
        honest(&hub, &ann, "between");
    });
    println!("{} searches were answered", answers.load(Ordering::SeqCst));
}

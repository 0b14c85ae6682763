//! The bot against a server that does what it likes.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::Arc;
use std::time::Duration;

use chat::{Config, Network, say};
use guildhall_chat as chat;
use jobs::{Stop, Task};
use kernel::Hub;
use plug::Module;
use store::sea_orm::ConnectionTrait;
use testkit::{IrcPeer, SelfSigned, TestHub};
use tokio::task::JoinHandle;

fn module(hub: &Hub) -> Module {
    chat::module(hub, Config { network: vec![network(&IrcPlace::nowhere())] })
}

/// Where the bot is to go.
struct IrcPlace {
    server: String,
    tls: bool,
}

impl IrcPlace {
    fn nowhere() -> Self {
        Self { server: "irc.test:6667".into(), tls: false }
    }

    fn plain(peer: &IrcPeer) -> Self {
        Self { server: peer.address().to_string(), tls: false }
    }

    fn secure(peer: &IrcPeer) -> Self {
        Self { server: format!("localhost:{}", peer.address().port()), tls: true }
    }
}

fn network(place: &IrcPlace) -> Network {
    Network {
        name: "test".into(),
        server: place.server.clone(),
        tls: place.tls,
        nick: "hub".into(),
        channels: vec!["#dev".into()],
        burst: 1000,
        ..Network::default()
    }
}

/// A hub and its bot.
struct Running {
    hub: TestHub,
    stop: Stop,
    bot: JoinHandle<()>,
}

impl Running {
    async fn start(network: Network) -> Self {
        let hub = TestHub::with([module as fn(&Hub) -> Module]).await;
        let task: Arc<dyn Task> =
            chat::module(&hub.hub, Config { network: vec![network] }).tasks.first().expect("a bot").clone();
        let (stop, inside) = (Stop::new(), hub.hub.clone());
        let stopping = stop.clone();
        let bot = tokio::spawn(async move { task.run(&inside, stopping).await });
        Self { hub, stop, bot }
    }

    /// The log of the day, as text.
    async fn log(&self) -> String {
        let reply = self.hub.stranger().get("/chat/test/dev/2026-11-21.txt").await;
        if reply.status == 200 { reply.text() } else { String::new() }
    }

    /// Waits until the log has `part`.
    async fn logged(&self, part: &str) -> String {
        for _ in 0..1200 {
            let log = self.log().await;
            if log.contains(part) {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{part} is not in the log:\n{}", self.log().await);
    }

    /// Waits until the page of the channel says `part`.
    async fn told(&self, part: &str) {
        for _ in 0..1200 {
            let page = self.hub.stranger().get("/chat/test/dev/").await;
            if page.status == 200 && page.text().contains(part) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "the page of the channel does not say: {part}\n{}",
            self.hub.stranger().get("/chat/test/dev/").await.text()
        );
    }

    async fn sql(&self, sql: &str) {
        self.hub.hub.store.migrating().execute_unprepared(sql).await.expect("SQL");
    }
}

/// The texts that ann said, in the order of the log.
fn said(log: &str) -> Vec<&str> {
    log.lines().filter_map(|line| line.split_once("<ann> ").map(|(_, text)| text)).collect()
}

fn numbered(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("line {number}")).collect()
}

fn as_lines(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| format!(":ann!ann@host.test PRIVMSG #dev :{text}")).collect()
}

fn as_words(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn what_is_heard_while_the_database_is_away_is_kept_in_order_and_once() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    running.logged("hub joined").await;
    running.sql("ALTER TABLE chat_line RENAME TO chat_gone").await;
    let texts = numbered(0, 300);
    link.say(&as_words(&as_lines(&texts[..200]))).await;
    link.say(&["PING :still"]).await;
    link.hear("PONG :still").await;
    link.say(&as_words(&as_lines(&texts[200..]))).await;
    link.say(&["PING :there"]).await;
    link.hear("PONG :there").await;
    running.sql("ALTER TABLE chat_gone RENAME TO chat_line").await;
    let log = running.logged("line 299").await;
    assert_eq!(said(&log), texts);
    assert!(!log.contains("gap"), "the bot was there all the time:\n{log}");
}

#[tokio::test]
async fn what_the_server_sent_before_the_end_is_kept() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    let texts = numbered(0, 50);
    let mut lines = as_lines(&texts);
    // The bot must not stop to read at what it takes for the end, nor at an answer that finds nobody.
    lines.insert(10, "ERROR :Closing Link".into());
    lines.insert(10, "PING :nobody".into());
    link.say(&as_words(&lines)).await;
    drop(link);
    assert_eq!(said(&running.logged("line 49").await), texts);
}

#[tokio::test]
async fn a_stop_says_goodbye_and_keeps_what_was_said_until_then() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    running.logged("hub joined").await;
    running.stop.cancel();
    link.hear("QUIT :").await;
    link.say(&as_words(&as_lines(&numbered(0, 20)))).await;
    link.say(&["ERROR :Closing Link: hub (Client Quit)"]).await;
    drop(link);
    running.bot.await.expect("the bot ends");
    let tx = running.hub.hub.store.read();
    let channel = chat::query::channel(&tx, "test", "#dev").await.expect("a query").expect("a channel");
    let day = chat::query::day(&tx, channel.id, "2026-11-21").await.expect("lines");
    assert_eq!(day.iter().filter(|line| line.nick == "ann").count(), 20);
}

#[tokio::test]
async fn equal_lines_of_one_moment_are_all_kept_and_a_replay_of_them_is_not() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    let again = "@time=2026-11-21T11:00:00.123Z :ann!ann@host.test PRIVMSG #dev :again";
    link.say(&[again, again]).await;
    running.logged("again").await;
    link.say(&[again]).await;
    let played = "@batch=7;time=2026-11-21T11:00:00.123Z :ann!ann@host.test PRIVMSG #dev :again";
    link.say(&[":irc.test BATCH +7 chathistory #dev", played, played, played, ":irc.test BATCH -7"]).await;
    link.say(&[":ann!ann@host.test PRIVMSG #dev :done"]).await;
    assert_eq!(said(&running.logged("done").await), ["again", "again", "again", "done"]);
}

#[tokio::test]
async fn an_announcement_is_said_once_over_a_lost_database() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    let tx = running.hub.hub.store.write().await.expect("a transaction");
    for text in ["one", "two"] {
        say::say(&tx, "test", "#dev", say::Rank::Announce, text).await.expect("a line");
    }
    tx.commit().await.expect("a commit");
    running.sql("ALTER TABLE chat_say RENAME TO chat_gone").await;
    link.say(&["PING :x"]).await;
    link.hear("PONG :x").await;
    running.sql("ALTER TABLE chat_gone RENAME TO chat_say").await;
    running.logged("<hub> one").await;
    running.logged("<hub> two").await;
    let mut waiting = vec![(0, String::new(), String::new())];
    while !waiting.is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waiting = say::pending(&running.hub.hub.store.read(), "test", 5).await.expect("a query");
    }
    let log = running.log().await;
    assert_eq!((log.matches("<hub> one").count(), log.matches("<hub> two").count()), (1, 1), "{log}");
}

#[tokio::test]
async fn an_account_is_proved_by_its_password_over_tls() {
    let own = SelfSigned::of(&["localhost"]);
    let peer = IrcPeer::secure(&own, None).await;
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "sesame\n").expect("a password");
    let running = Running::start(Network {
        tls_ca: own.certificate.display().to_string(),
        sasl_user: "hub".into(),
        sasl_password_file: secret.path().display().to_string(),
        ..network(&IrcPlace::secure(&peer))
    })
    .await;
    let mut link = peer.accept().await;
    link.hear("CAP LS").await;
    link.say(&[":irc.test CAP * LS * :multi-prefix", ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL server-time"]).await;
    assert_eq!(link.hear("CAP REQ").await, "CAP REQ :sasl server-time multi-prefix");
    link.say(&[":irc.test CAP * ACK :sasl server-time multi-prefix"]).await;
    link.hear("AUTHENTICATE PLAIN").await;
    link.say(&["AUTHENTICATE +"]).await;
    // "\0hub\0sesame"
    assert_eq!(link.hear("AUTHENTICATE").await, "AUTHENTICATE AGh1YgBzZXNhbWU=");
    link.say(&[":irc.test 900 hub hub!b@h hub :You are now logged in", ":irc.test 903 hub :SASL successful"]).await;
    link.hear("CAP END").await;
    link.say(&[":irc.test 001 hub :Welcome"]).await;
    link.hear("JOIN #dev").await;
    link.joined("hub", "#dev").await;
    link.say(&[":ann!ann@host.test PRIVMSG #dev :over TLS"]).await;
    running.logged("over TLS").await;
}

#[tokio::test]
async fn an_account_is_proved_by_a_certificate() {
    let own = SelfSigned::of(&["localhost"]);
    let bots = SelfSigned::of(&["hub.test"]);
    let peer = IrcPeer::secure(&own, Some(&bots)).await;
    let running = Running::start(Network {
        tls_ca: own.certificate.display().to_string(),
        tls_cert: bots.certificate.display().to_string(),
        tls_key: bots.key.display().to_string(),
        ..network(&IrcPlace::secure(&peer))
    })
    .await;
    let mut link = peer.accept().await;
    link.hear("CAP LS").await;
    link.say(&[":irc.test CAP * LS :sasl=EXTERNAL"]).await;
    link.hear("CAP REQ :sasl").await;
    link.say(&[":irc.test CAP * ACK :sasl"]).await;
    link.hear("AUTHENTICATE EXTERNAL").await;
    link.say(&["AUTHENTICATE +"]).await;
    assert_eq!(link.hear("AUTHENTICATE").await, "AUTHENTICATE +");
    link.say(&[":irc.test 903 hub :SASL successful"]).await;
    link.hear("CAP END").await;
    link.say(&[":irc.test 001 hub :Welcome"]).await;
    link.hear("JOIN #dev").await;
    link.joined("hub", "#dev").await;
    running.logged("hub joined").await;
}

#[tokio::test]
async fn a_refused_account_is_told_and_tried_again() {
    let peer = IrcPeer::plain().await;
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "wrong").expect("a password");
    let running = Running::start(Network {
        sasl_user: "hub".into(),
        sasl_password_file: secret.path().display().to_string(),
        ..network(&IrcPlace::plain(&peer))
    })
    .await;
    for _ in 0..2 {
        let mut link = peer.accept().await;
        link.hear("CAP LS").await;
        link.say(&[":irc.test CAP * LS :sasl"]).await;
        link.hear("CAP REQ").await;
        link.say(&[":irc.test CAP * ACK :sasl"]).await;
        link.hear("AUTHENTICATE PLAIN").await;
        link.say(&["AUTHENTICATE +"]).await;
        link.hear("AUTHENTICATE ").await;
        link.say(&[":irc.test 904 hub :SASL authentication failed"]).await;
        link.hear("QUIT").await;
        drop(link);
        running.told("the account hub was refused: SASL authentication failed").await;
    }
}

#[tokio::test]
async fn a_nick_in_use_gets_a_tail() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.hear("NICK hub").await;
    link.say(&[":irc.test 433 * hub :Nickname is already in use"]).await;
    link.hear("NICK hub_").await;
    link.say(&[":irc.test 433 * hub_ :Nickname is already in use"]).await;
    link.hear("NICK hub__").await;
    link.say(&[":irc.test 001 hub__ :Welcome"]).await;
    link.hear("JOIN #dev").await;
    link.joined("hub__", "#dev").await;
    link.say(&[":ann!ann@host.test PRIVMSG #dev :hub__: help"]).await;
    link.hear("PRIVMSG #dev :ann: !help and !log").await;
    running.logged("!help and !log").await;
}

#[tokio::test]
async fn a_netsplit_is_logged_where_the_people_were() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    link.say(&[
        ":ann!ann@host.test QUIT :irc.one.test irc.two.test",
        ":bob!bob@host.test QUIT :irc.one.test irc.two.test",
        ":carl!carl@host.test QUIT :irc.one.test irc.two.test",
        ":ann!ann@host.test JOIN #dev",
        ":bob!bob@host.test JOIN #dev",
        ":ann!ann@host.test QUIT :bye",
    ])
    .await;
    let log = running.logged("ann left bye").await;
    let split = |nick: &str| log.matches(&format!("{nick} left irc.one.test irc.two.test")).count();
    assert_eq!((split("ann"), split("bob"), split("carl")), (1, 1, 0), "carl was never there:\n{log}");
}

#[tokio::test]
async fn a_ban_is_told_with_its_reason() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.hear("USER ").await;
    link.say(&[
        ":irc.test 465 hub :You are banned from this server: no bots please",
        "ERROR :Closing Link: hub[127.0.0.1] (K-Lined)",
    ])
    .await;
    link.ended().await;
    running.told("the network has banned the bot: You are banned from this server: no bots please").await;
}

#[tokio::test]
async fn the_bot_says_no_more_than_it_may() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(Network { burst: 2, pace: 1.0, ..network(&IrcPlace::plain(&peer)) }).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    let tx = running.hub.hub.store.write().await.expect("a transaction");
    for text in ["one", "two", "three", "four"] {
        say::say(&tx, "test", "#dev", say::Rank::Announce, text).await.expect("a line");
    }
    tx.commit().await.expect("a commit");
    link.hear("PRIVMSG #dev :two").await;
    // The clock of the hub stands, so nothing more may come, however long it takes.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    link.say(&["PING :x"]).await;
    assert_eq!(link.hear("").await, "PONG :x");
    running.hub.wait(chrono::Duration::seconds(1));
    assert_eq!(link.hear("").await, "PRIVMSG #dev :three");
    running.hub.wait(chrono::Duration::seconds(1));
    assert_eq!(link.hear("").await, "PRIVMSG #dev :four");
}

#[tokio::test]
async fn the_bot_says_no_control_characters() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    let tx = running.hub.hub.store.write().await.expect("a transaction");
    let titles = [
        "\u{1}VERSION\u{1}",
        "a \u{3}4,2red\u{f} \u{2}title\u{2}\u{7}",
        "a\r\nQUIT :bye",
        "\u{1}\u{2}\u{f}",
        "the end",
    ];
    for text in titles {
        say::say(&tx, "test", "#dev", say::Rank::Announce, text).await.expect("a line");
    }
    tx.commit().await.expect("a commit");
    for said in ["VERSION", "a red title", "a  QUIT :bye", "the end"] {
        assert_eq!(link.hear("PRIVMSG").await, format!("PRIVMSG #dev :{said}"));
    }
}

#[tokio::test]
async fn a_certificate_that_is_wrong_is_refused_in_a_sentence() {
    let (trusted, strange) = (SelfSigned::of(&["localhost"]), SelfSigned::of(&["localhost"]));
    let elsewhere = SelfSigned::of(&["irc.elsewhere.test"]);
    let old = SelfSigned::expired("localhost");
    for (shown, authority, sentence) in [
        (&strange, &trusted, "is of no authority that the hub trusts"),
        (&elsewhere, &elsewhere, "is for another host"),
        (&old, &old, "has expired"),
    ] {
        let peer = IrcPeer::secure(shown, None).await;
        let tls_ca = authority.certificate.display().to_string();
        let running = Running::start(Network { tls_ca, ..network(&IrcPlace::secure(&peer)) }).await;
        peer.accept_refused().await;
        running.told(sentence).await;
    }
}

#[tokio::test]
async fn a_server_without_tls_is_never_talked_to_in_the_clear() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::secure(&peer))).await;
    let mut link = peer.accept().await;
    link.say(&[":irc.test NOTICE * :this is plain"]).await;
    running.told("does not speak TLS as it should").await;
}

#[tokio::test]
async fn the_bot_comes_back_after_the_server_was_away() {
    let peer = IrcPeer::plain().await;
    let running = Running::start(network(&IrcPlace::plain(&peer))).await;
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    link.say(&[":ann!ann@host.test PRIVMSG #dev :before"]).await;
    running.logged("before").await;
    drop(link);
    running.told("The bot is not on this channel now").await;
    running.hub.wait(chrono::Duration::minutes(3));
    let mut link = peer.accept().await;
    link.welcome("hub", "#dev").await;
    link.say(&[":ann!ann@host.test PRIVMSG #dev :after"]).await;
    let log = running.logged("after").await;
    assert_eq!(said(&log), ["before", "after"]);
    assert!(log.contains("the log has a gap from"), "{log}");
}

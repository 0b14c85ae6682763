//! Somebody talks on a channel: the log shows it with its permalink, and a killed hub loses nothing that it heard.

use testkit::SelfSigned;

use crate::harness::{Hub, IrcServer, Talker, wait_for};

#[test]
fn what_is_said_has_a_permalink_and_survives_a_kill() {
    let server = IrcServer::start();
    let tom = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n",
        server.port
    );
    let mut hub = Hub::start(None, &more);
    tom.hear(":hub!");
    let ann = hub.person("ann", false);
    ann.submit("/issues/new", "/issues/new", &[("title", "Rapids"), ("message", "Too fast.")]).expect(200);
    assert!(tom.hear("filed #1 Rapids").contains("/issues/1"));
    for number in 0..20 {
        tom.say("#dev", &format!("line {number} about the rapids"));
    }
    tom.say("#dev", "see #1 please");
    assert!(tom.hear("PRIVMSG #dev :#1").contains("Rapids"), "the bot tells the title");
    tom.say("#dev", "!help");
    tom.hear("tom: !help and !log");

    let stranger = hub.stranger();
    let day =
        stranger.get("/chat/test/dev/").expect(200).attributes("td.title a", "href").first().cloned().expect("a day");
    let marks = wait_for("the log", || {
        let page = stranger.get(&day);
        let marks = page.attributes("[id*=':']", "id");
        page.text.contains("line 19 about the rapids").then_some(marks)
    });
    hub.kill();
    hub.run();
    tom.hear("JOIN");
    let page = wait_for("the log after the kill", || {
        let page = stranger.get(&day);
        (page.status == 200).then_some(page)
    });
    for number in 0..20 {
        assert!(page.text.contains(&format!("line {number} about the rapids")), "line {number} is missing");
    }
    let now = page.attributes("[id*=':']", "id");
    assert!(marks.iter().all(|mark| now.contains(mark)), "permalinks stay");
    tom.say("#dev", "welcome back");
    wait_for("the new line", || stranger.get(&day).text.contains("welcome back").then_some(()));
    wait_for("search", || stranger.get("/search?q=rapids&module=chat").text.contains("#dev").then_some(()));
}

#[test]
fn what_the_bot_has_answered_to_is_on_the_disk() {
    let server = IrcServer::start();
    // Each round has an asker of its own: an answer that the bot repeats after a kill is for another one.
    let askers = ["ann", "bob", "carl"].map(|nick| (nick, Talker::join(&server, nick, "#dev")));
    let tom = Talker::join(&server, "tom", "#dev");
    let more = format!(
        "[[chat.network]]\nname = \"test\"\nserver = \"127.0.0.1:{}\"\ntls = false\nnick = \"hub\"\nchannels = [\"#dev\"]\npace = 0.1\n",
        server.port
    );
    let mut hub = Hub::start(None, &more);
    for (nick, asker) in &askers {
        tom.hear(" JOIN ");
        for number in 0..10 {
            asker.say("#dev", &format!("line {number}"));
        }
        asker.say("#dev", "!help");
        asker.hear(&format!("{nick}: !help and !log"));
        hub.kill();
        hub.run();
    }
    let stranger = hub.stranger();
    let day =
        stranger.get("/chat/test/dev/").expect(200).attributes("td.title a", "href").first().cloned().expect("a day");
    let log = stranger.get(&format!("{day}.txt")).expect(200).text;
    for (nick, _) in &askers {
        for number in 0..10 {
            let line = format!("<{nick}> line {number}\n");
            assert_eq!(log.matches(&line).count(), 1, "{line} in:\n{log}");
        }
    }
}

#[test]
fn the_bot_speaks_tls_with_a_real_server_and_refuses_a_strange_one() {
    let certificate = SelfSigned::of(&["localhost"]);
    let server = IrcServer::secure(&certificate);
    let tom = Talker::join(&server, "tom", "#dev");
    let network = |name: &str, authority: &std::path::Path| {
        format!(
            "[[chat.network]]\nname = \"{name}\"\nserver = \"localhost:{}\"\ntls_ca = \"{}\"\nnick = \"{name}\"\nchannels = [\"#dev\"]\n",
            server.secure_port,
            authority.display()
        )
    };
    let other = SelfSigned::of(&["localhost"]);
    let more = network("good", &certificate.certificate) + &network("bad", &other.certificate);
    let hub = Hub::start(None, &more);
    tom.hear(":good!");
    tom.say("#dev", "nobody on the way reads this");
    tom.say("#dev", "!help");
    tom.hear("tom: !help and !log");
    let stranger = hub.stranger();
    let day =
        stranger.get("/chat/good/dev/").expect(200).attributes("td.title a", "href").first().cloned().expect("a day");
    wait_for("the log", || stranger.get(&day).text.contains("nobody on the way reads this").then_some(()));
    wait_for("the reason on the page", || {
        stranger.get("/chat/bad/dev/").text.contains("is of no authority that the hub trusts").then_some(())
    });
    assert!(hub.cli(&["chat", "channels"]).contains("no authority that the hub trusts"));
}

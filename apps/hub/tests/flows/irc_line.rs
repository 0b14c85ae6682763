//! Somebody talks on a channel: the log shows it with its permalink, and a killed hub loses nothing that it heard.

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

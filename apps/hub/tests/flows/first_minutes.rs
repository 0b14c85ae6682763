//! The first minutes of a hub: setting it up without scripts, what empty pages say, what the administrator should do,
//! and a page that the project changes for itself.

use serde_json::json;

use crate::harness::{Browser, Hub, Visitor, run, wait_for};

/// The link with which the first administrator comes in.
fn setup_link(hub: &Hub) -> String {
    let log = wait_for("the link in what the hub says", || {
        hub.log().lines().find_map(|line| Some(line.split_once("Set up the first administrator: ")?.1.to_owned()))
    });
    log[log.find("/setup").expect("the path")..].to_owned()
}

#[test]
fn the_first_administrator_comes_in_without_scripts() {
    let hub = Hub::start(None, "");
    let browser = Browser::start(&hub);
    browser.screen(390, "light");
    browser.scripts(false);
    browser.go(&setup_link(&hub));
    let is_told = || hub.stranger().get("/").expect(200).attributes("main a[href='/setup']", "href").len() == 1;
    assert!(is_told(), "who comes to a hub without anybody is told how to begin");
    let asked = hub.stranger().get(&setup_link(&hub)).expect(200);
    let fields = asked.attributes("main form input:not([type=hidden]):not([disabled])", "name");
    assert!((1..=5).contains(&fields.len()), "it asks for {fields:?}");
    for (name, text) in [
        ("name", "ann"),
        ("display_name", "Ann of the Mill"),
        ("address", "ann@example.org"),
        ("password", "a quiet heron counts the tides"),
    ] {
        browser.find(&format!("main input[name={name}]")).write(text);
    }
    browser.find("main form button").click();
    wait_for("the front door", || (browser.here() == "/").then_some(()));
    let page = browser.text();
    assert!(page.contains("First steps") && page.contains("guildhall lists new dev"), "{page}");
    // The way that the first step names leads on.
    browser.find("main .tasks a[href='/lists/new']").click();
    wait_for("the form", || (browser.here() == "/lists/new").then_some(()));
    browser.find("main form input[required]");
    assert_eq!(hub.stranger().get(&setup_link(&hub)).status, 200, "the link is dead, and says where to go");
    assert!(!is_told(), "it is set up");
    assert!(!hub.stranger().get("/").text.contains("First steps"), "only the administrator sees what is to do");
    browser.go("/");
    browser.find("main form[action='/admin/first-steps'] button").click();
    wait_for("a word that they are gone", || browser.text().contains("are put away").then_some(()));
    browser.go("/admin");
    assert!(!browser.text().contains("First steps"), "{}", browser.text());
}

/// What an empty page says instead of a list.
#[track_caller]
fn says(visitor: &Visitor, page: &str, words: &str, way: &str) {
    let answer = visitor.get(page).expect(200);
    let said = answer.select("main .empty, main .found + .empty").join(" ");
    assert!(said.contains(words), "{page} says: {said:?}");
    let ways = answer.attributes("main .empty a", "href");
    assert!(way.is_empty() || ways.iter().any(|href| href == way), "{page} leads to {ways:?}");
}

#[test]
fn an_empty_hub_says_what_to_do_next_on_every_page() {
    let hub = Hub::start(None, "");
    let (ann, bob) = (hub.person("ann", true), hub.person("bob", false));
    for (page, words, way) in [
        ("/lists/", "mailing lists", "/lists/new"),
        ("/commits/", "pushed to your repositories", "/admin/commits"),
        ("/chat/", "Name a network in guildhall.toml", "/docs/admin/irc"),
        ("/issues/", "filed", "/issues/new"),
        ("/issues/queries", "Filter the list of issues", "/issues/"),
        ("/admin/mail", "What the hub sends stands here", ""),
        ("/search?q=zyzzyva", "Try fewer words", ""),
        ("/search?q=zyzzyva&module=lists", "in lists", "/search?q=zyzzyva"),
    ] {
        says(&ann, page, words, way);
    }
    for (page, words, way) in [
        ("/lists/", "There is none yet", "/"),
        ("/commits/", "None is registered yet", "/activity"),
        ("/chat/", "There is none yet", "/"),
        ("/issues/", "filed", "/issues/new"),
        ("/activity?module=lists", "will stand in this place", "/"),
    ] {
        says(&bob, page, words, way);
    }
    assert!(!bob.get("/chat/").text.contains("guildhall.toml"), "what only the administrator can do is told to them");
}

#[test]
fn a_stranger_who_files_an_issue_is_told_why_there_is_a_login() {
    let hub = Hub::start(None, "");
    hub.person("ann", true);
    let stranger = hub.stranger();
    assert!(!stranger.get("/issues/").expect(200).attributes("main a[href='/issues/new']", "href").is_empty());
    let login = stranger.get("/issues/new");
    assert!(login.text.contains("for people with an account. It comes next."), "{}", login.text);
    assert_eq!(login.attributes("form input[name=next]", "value"), ["/issues/new"]);
    assert!(!stranger.get("/login").expect(200).text.contains("It comes next."));
}

#[test]
fn what_the_doctor_finds_is_a_task_until_it_is_mended() {
    let hub = Hub::start(None, "");
    let ann = hub.person("ann", true);
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "git", &["init", "-q", "--bare", "repo"]);
    hub.cli(&["commits", "add", "hall", &folder.path().join("repo").display().to_string(), "--vcs", "git"]);
    let tasks = || ann.get("/admin").expect(200).select("ul.tasks > li").join("\n");
    let told = tasks();
    for words in ["No backup was made", "Let cron run guildhall backup every night", "No smarthost is named"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.contains("hall has no hook of this hub") && told.contains("guildhall commits hook install hall"));
    hub.cli(&["backup", &folder.path().join("backup.tar.gz").display().to_string()]);
    hub.cli(&["commits", "hook", "install", "hall"]);
    let left = tasks();
    assert!(!left.contains("No backup was made") && !left.contains("has no hook"), "{left}");
    assert!(left.contains("No smarthost is named"), "{left}");
    // Others are asked beside the page; when they have answered it says so.
    wait_for("what others say", || ann.get("/admin").text.contains("were last asked").then_some(()));
    ann.submit("/admin", "/admin/checkup", &[]).expect(200);
}

#[test]
fn a_page_that_the_project_changed_is_told_when_it_lags_behind() {
    let mut hub = Hub::start(None, "");
    let ann = hub.person("ann", true);
    let said = hub.cli(&["theme", "copy", "hub/home.html"]);
    assert!(said.contains("theme/hub/home.html is yours now"), "{said}");
    let twice = hub.try_cli(&["theme", "copy", "hub/home.html"], b"");
    assert!(!twice.status.success() && String::from_utf8_lossy(&twice.stderr).contains("is there already"));
    assert!(!hub.try_cli(&["theme", "copy", "hub/no-such.html"], b"").status.success());
    let path = hub.data().join("theme/hub/home.html");
    let text = std::fs::read_to_string(&path).expect("the copy");
    assert_eq!(
        text.split_once('\n').map(|(_, rest)| rest.trim_end().to_owned()),
        Some(hub.cli(&["theme", "show", "hub/home.html"]).trim_end().to_owned())
    );
    std::fs::write(&path, text.replace("Around today", "At the mill today")).expect("a change");
    hub.stop();
    hub.run();
    assert!(hub.stranger().get("/").expect(200).text.contains("At the mill today"));
    let told = |words: &[&str]| String::from_utf8_lossy(&hub.try_cli(words, b"").stdout).into_owned();
    assert!(!told(&["check"]).contains("hub/home.html"), "it is in step");
    assert!(told(&["theme", "list"]).contains("in step    hub/home.html"));

    // The built-in page is another one after an upgrade.
    let changed = std::fs::read_to_string(&path).expect("the copy");
    let (mark, rest) = changed.split_once('\n').expect("its mark");
    let older = mark.replace(mark.split_whitespace().nth(2).expect("a hash"), "0123456789");
    std::fs::write(&path, format!("{older}\n{rest}")).expect("the copy of an older page");
    let behind = "The theme file hub/home.html was made from 0123456789";
    assert!(told(&["check"]).contains(behind), "{}", told(&["check"]));
    let found: serde_json::Value = serde_json::from_str(&told(&["doctor", "--json"])).expect("findings");
    let found = found.as_array().expect("a list").clone();
    assert!(found.iter().any(|one| one["area"] == json!("theme") && one["state"] == json!("warning")), "{found:?}");
    assert!(ann.get("/admin").expect(200).text.contains(behind));
    assert!(ann.get("/admin/theme").expect(200).text.contains("guildhall theme diff hub/home.html"));
    assert!(told(&["theme", "list"]).contains("behind     hub/home.html"));

    // What changed on both sides: the built-in page of before had another word, and the project has its own.
    let kept = hub.data().join("theme/.made-from/0123456789/hub");
    std::fs::create_dir_all(&kept).expect("a folder");
    let before = text.split_once('\n').expect("its mark").1.replace("Lately", "Of late");
    std::fs::write(kept.join("home.html"), before).expect("the built-in page of before");
    let diff = told(&["theme", "diff", "hub/home.html"]);
    let (ours, theirs) = diff.split_once("What you changed:").expect("two parts");
    assert!(
        ours.contains("-{{ <section_head title=\"Of late\"") && ours.contains("+{{ <section_head title=\"Lately\"")
    );
    assert!(
        !ours.contains("At the mill") && theirs.contains("+{{ <section_head title=\"At the mill today\""),
        "{diff}"
    );
    let none = hub.try_cli(&["theme", "diff", "hub/activity.html"], b"");
    assert!(String::from_utf8_lossy(&none.stderr).contains("is not there"), "{none:?}");
    assert!(told(&["theme", "taken", "hub/home.html"]).contains("is in step"));
    assert!(told(&["theme", "list"]).contains("in step    hub/home.html"));
    assert!(
        std::fs::read_to_string(&path).expect("the copy").contains("At the mill today"),
        "it is still the project's"
    );
}

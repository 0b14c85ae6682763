//! Paths that lead out of a folder, and addresses that lead out of the hub.

use http::Method;
use testkit::{Browser, Reply};

use super::{FORM, ask, filled, routes, whole};

/// Ways to write a way out.
const OUT: [&str; 8] = [
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "....//....//....//etc/passwd",
    "%252e%252e%252fguildhall.sqlite",
];

#[tokio::test]
async fn no_address_reads_a_file_outside_of_its_folder() {
    let hub = whole().await;
    let root = hub.admin("root").await;
    let data = hub.hub.settings.data.clone();
    std::fs::write(data.join("outside.txt"), "the word of the outside").expect("a file");
    let near = ["..%2foutside.txt", "../outside.txt", "%2e%2e%2f%2e%2e%2foutside.txt", "secret", "..%2fsecret"];
    for route in routes(&hub).iter().filter(|route| route.contains('{') && !route.ends_with("/live")) {
        for word in OUT.iter().chain(&near) {
            let reply = root.get(&filled(route, word)).await;
            let text = reply.text();
            assert!(!text.contains("root:x:0") && !text.contains("the word of the outside"), "{route} with {word}");
            assert!(!reply.body.starts_with(b"SQLite format"), "{route} with {word}");
            assert!(reply.status != 500, "{route} with {word}: {text}");
        }
    }
}

/// Ways to write another place.
const ELSEWHERE: [&str; 8] = [
    "//evil.example/",
    "https://evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/%2f/evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
];

/// Whether a browser stays at the hub, when it is sent somewhere.
fn stays(reply: &Reply) -> bool {
    let Some(to) = reply.headers.get("location") else { return true };
    let to = to.to_str().unwrap_or("//");
    let to = to.strip_prefix("http://hub.test").unwrap_or(to);
    to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\") && !to.starts_with("/\t")
}

async fn each(browser: &Browser, path: &str) {
    if path.parse::<http::Uri>().is_ok() {
        let reply = browser.get(path).await;
        assert!(stays(&reply), "{path} leads to {}", reply.location());
    }
}

#[tokio::test]
async fn no_address_sends_a_browser_elsewhere() {
    let hub = whole().await;
    let (root, stranger) = (hub.admin("root").await, hub.stranger());
    for route in routes(&hub).iter().filter(|route| !route.ends_with("/live")) {
        for word in ELSEWHERE {
            let asked = web::urlpart(word);
            let query: String = ["next", "to", "url", "back", "return", "q", "redirect_uri"]
                .map(|name| format!("{name}={asked}&"))
                .concat();
            each(&root, &format!("{}?{query}", filled(route, "1"))).await;
            each(&stranger, &format!("{}?{query}", filled(route, "1"))).await;
            if route.contains('{') {
                each(&root, &filled(route, word)).await;
                each(&root, &filled(route, &asked)).await;
            }
        }
    }
    for bare in ["//evil.example", "//evil.example/..", "/..//evil.example/", "/%2fevil.example/", "/.//evil.example"] {
        each(&stranger, bare).await;
    }
}

#[tokio::test]
async fn a_login_goes_on_only_to_a_page_of_the_hub() {
    let hub = whole().await;
    super::sessions::first_of(&hub).await;
    for word in ELSEWHERE {
        let visitor = hub.stranger();
        let page = visitor.get(&format!("/login?next={}", web::urlpart(word))).await.expect(200);
        let token = page.attributes("input[name=csrf]", "value").remove(0);
        for next in page.attributes("input[name=next]", "value").iter().map(String::as_str).chain([word]) {
            let [password, next] = [super::sessions::PASSWORD, next].map(web::urlpart);
            let body = format!("name=ann&password={password}&next={next}&csrf={token}");
            let reply = ask(&visitor, Method::POST, "/login", FORM, &body).await;
            assert!(reply.status == 303 || reply.status == 403, "{word}: {}", reply.text());
            assert!(stays(&reply), "{word} leads to {}", reply.location());
        }
    }
}

//! What forges send, and what is read from it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn id(n: u8) -> String {
    format!("{n:02x}").repeat(20)
}

fn hub_push() -> Value {
    json!({
        "ref": "refs/heads/main", "before": id(1), "after": id(3), "forced": false,
        "pusher": {"name": "ann", "email": "ann@x.org"},
        "commits": [
            {"id": id(2), "message": "One\n\ncloses #1", "timestamp": "2026-11-20T10:00:00+02:00", "url": "https://forge/2",
             "author": {"name": "Ann", "email": "ann@x.org"}, "committer": {"name": "Forge", "email": "f@x.org"},
             "added": ["a"], "removed": [], "modified": ["b"]},
            {"id": id(9), "message": "elsewhere", "distinct": false},
            {"id": id(3), "message": "Two", "url": "javascript:alert(1)", "author": {"name": null}},
        ],
    })
}

#[test]
fn a_push_of_github_is_read() {
    let told = read("github", hub_push().to_string().as_bytes(), DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((told.pusher.as_str(), told.pusher_email.as_str()), ("ann", "ann@x.org"));
    let moved = &told.refs[0];
    assert_eq!((moved.change.as_str(), moved.kind.as_str(), moved.total), ("updated", "branch", 2));
    assert_eq!(moved.commits[0].authored_offset, 120);
    assert_eq!(moved.commits[0].committer, "Forge <f@x.org>");
    assert_eq!(moved.commits[0].changes.len(), 2);
    assert_eq!((moved.elsewhere[&id(2)].as_str(), moved.elsewhere[&id(3)].as_str()), ("https://forge/2", ""));
}

#[test]
fn a_push_of_gitlab_counts_what_it_does_not_describe() {
    let body = json!({
        "object_kind": "push", "ref": "refs/heads/main", "before": "0".repeat(40), "after": id(2),
        "user_username": "ann", "user_email": "", "total_commits_count": 34,
        "commits": [{"id": id(2), "message": "One", "author": {"name": "Ann", "email": "a@x.org"}}],
    });
    let told = read("gitlab", body.to_string().as_bytes(), DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((told.refs[0].total, told.refs[0].change.as_str(), told.pusher.as_str()), (34, "created", "ann"));
}

#[test]
fn a_push_of_bitbucket_has_several_refs_and_the_newest_commit_first() {
    let body = json!({"actor": {"nickname": "ann"}, "push": {"changes": [
        {"old": {"type": "branch", "name": "main", "target": {"hash": id(1)}},
         "new": {"type": "branch", "name": "main", "target": {"hash": id(3)}}, "forced": true,
         "commits": [{"hash": id(3), "message": "Two", "date": "2026-11-20T10:00:00+00:00", "author": {"raw": "Ann <a@x.org>"}},
                     {"hash": id(2), "message": "One", "author": {"raw": "Ann <a@x.org>"}}]},
        {"old": {"type": "tag", "name": "v1", "target": {"hash": id(1)}}, "new": null},
    ]}});
    let told = read("bitbucket", body.to_string().as_bytes(), DateTime::UNIX_EPOCH).unwrap();
    let subjects: Vec<_> = told.refs[0].commits.iter().map(|commit| commit.message.as_str()).collect();
    assert_eq!((subjects, told.refs[0].change.as_str()), (vec!["One", "Two"], "forced"));
    assert_eq!((told.refs[1].refname.as_str(), told.refs[1].change.as_str()), ("refs/tags/v1", "deleted"));
}

#[test]
fn only_who_knows_the_secret_is_genuine() {
    let body = b"{\"zen\": 1}";
    let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(body);
    let signature = hex::encode(mac.finalize().into_bytes());
    let prefixed = format!("sha256={signature}");
    let headers =
        |pairs: Vec<(&'static str, String)>| -> BTreeMap<&'static str, String> { pairs.into_iter().collect() };
    for (given, forge) in [
        (headers(vec![("x-github-event", "push".into()), ("x-hub-signature-256", prefixed.clone())]), "github"),
        (
            headers(vec![
                ("x-gitea-event", "push".into()),
                ("x-github-event", "push".into()),
                ("x-gitea-signature", signature),
            ]),
            "gitea",
        ),
        (headers(vec![("x-gitlab-event", "Push Hook".into()), ("x-gitlab-token", "secret".into())]), "gitlab"),
        (headers(vec![("x-event-key", "repo:push".into()), ("x-hub-signature", prefixed)]), "bitbucket"),
    ] {
        let caller = Caller::of(|name| given.get(name).map(String::as_str)).unwrap();
        assert_eq!(caller.forge, forge);
        assert!(caller.is_push() && caller.is_genuine("secret", body), "{forge}");
        assert!(!caller.is_genuine("other", body) && !caller.is_genuine("", body));
        assert_eq!(caller.is_genuine("secret", b"{}"), forge == "gitlab");
    }
    let bare = Caller::of(|name| (name == "x-github-event").then_some("push")).unwrap();
    assert!(!bare.is_genuine("secret", body));
    assert!(Caller::of(|_| None).is_none());
}

proptest! {
    #[test]
    fn no_body_upsets_it(body in "\\PC{0,60}", at in 0_usize..400) {
        let whole = hub_push().to_string();
        for forge in ["github", "gitlab", "gitea", "bitbucket"] {
            let _ = read(forge, body.as_bytes(), DateTime::UNIX_EPOCH);
            let _ = read(forge, whole.get(..at).unwrap_or_default().as_bytes(), DateTime::UNIX_EPOCH);
        }
    }
}

//! A context for every template, rendered by a test.

use kernel::context;
use plug::Sample;
use serde_json::json;

const AT: &str = "2026-11-20T09:15:00Z";

/// The samples of accounts.
pub fn all() -> Vec<Sample> {
    let mut all = doors();
    all.extend(mine());
    all.extend(everybody());
    all.extend(administration());
    all.extend(letters());
    all
}

fn doors() -> Vec<Sample> {
    let errors = json!({ "password": "This password is too easy to guess." });
    vec![
        Sample::new(
            "accounts/setup.form.html",
            context! {
                title: "Set the hub up", token: "t", name: "ann", display_name: "Ann Miller", address: "ann@example.org", errors,
            },
        ),
        Sample::new("accounts/setup.wait.html", context! { title: "Set the hub up", tried: true }),
        Sample::new(
            "accounts/login.form.html",
            context! {
                title: "Log in", name: "ann", leads_on: true, next: "/issues/", may_sign_up: true, is_new: false,
                errors: json!({ "": "The name or the password is not right." }),
            },
        ),
        Sample::new(
            "accounts/register.form.html",
            context! {
                title: "Sign up", name: "ann", display_name: "", address: "", invitation: "i", host: "bob",
                closed: None::<String>, approve: true, open: false, errors: json!({ "name": "The name ann is taken." }),
            },
        ),
        Sample::new(
            "accounts/register.sent.html",
            context! { title: "Read your mail", address: "ann@example.org", hours: 48 },
        ),
        Sample::new(
            "accounts/confirm.signup.html",
            context! {
                title: "Open your account", address: "ann@example.org", name: "ann", taken: true,
                errors: json!({ "name": "The name ann is taken." }),
            },
        ),
        Sample::new(
            "accounts/confirm.address.html",
            context! { title: "Confirm an address", address: "a@b.org", name: "ann" },
        ),
        Sample::new("accounts/confirm.waiting.html", context! { title: "One more step", name: "ann" }),
        Sample::new(
            "accounts/login.again.html",
            context! { title: "Show your password again", name: "ann", next: "/" },
        ),
        Sample::new(
            "accounts/oidc.consent.html",
            context! {
                title: "Log in to Wiki", program: "Wiki", known: ["know that it is you", "know your mail address"],
                home: "wiki.example.org", query: "client_id=c1",
            },
        ),
        Sample::new("accounts/reset.form.html", context! { title: "Choose a new password", who: "ann" }),
        Sample::new("accounts/reset.sent.html", context! { title: "Read your mail", minutes: 30 }),
        Sample::new("accounts/reset.password.html", context! { title: "Choose a new password", name: "ann" }),
    ]
}

fn mine() -> Vec<Sample> {
    let zones = ["Europe/Berlin", "UTC"];
    vec![
        Sample::new(
            "accounts/me.profile.html",
            context! {
                title: "Profile", display_name: "Ann Miller", about: "Writes the *parser*.", timezone: "UTC", zones,
            },
        ),
        Sample::new(
            "accounts/me.addresses.html",
            context! {
                title: "Addresses", typed: "", prove: true,
                emails: json!([
                    { "address": "ann@example.org", "is_primary": true, "confirmed_at": AT },
                    { "address": "ann@home.example", "is_primary": false, "confirmed_at": AT },
                ]),
                waiting: json!([{ "address": "new@example.org", "created_at": AT }]),
            },
        ),
        Sample::new(
            "accounts/me.password.html",
            context! { title: "Password", errors: json!({ "current": "This is not your password." }) },
        ),
        Sample::new(
            "accounts/me.tokens.html",
            context! {
                title: "Tokens", secret: "guildhall_x", label: "", days: "", chosen: ["read"], prove: true,
                scopes: json!([{ "value": "read", "label": "read", "help": "See what you may see" }]),
                tokens: json!([{
                    "id": "1", "label": "backup", "scopes": "read", "created_at": AT, "used_at": null, "expires_at": AT, "is_over": true,
                }]),
            },
        ),
        Sample::new(
            "accounts/me.programs.html",
            context! {
                title: "Programs", programs: json!([{ "id": "1", "name": "Wiki", "knows": "know your mail address", "at": AT }]),
            },
        ),
        Sample::new(
            "accounts/me.sessions.html",
            context! {
                title: "Sessions",
                sessions: json!([
                    { "id": 1, "address": "192.0.2.1", "agent": "Firefox", "created_at": AT, "seen_at": AT, "is_own": true },
                    { "id": 2, "address": "192.0.2.9", "agent": "", "created_at": AT, "seen_at": AT, "is_own": false },
                ]),
            },
        ),
    ]
}

fn everybody() -> Vec<Sample> {
    let page = json!({
        "number": 1, "size": 100, "total": 1,
        "items": [{ "name": "ann", "display_name": "Ann Miller", "url": "/people/ann", "joined": AT, "seen": null }],
    });
    let person = json!({
        "name": "ann", "display_name": "Ann Miller", "about": "<p>Writes the parser.</p>", "joined": AT, "seen": AT,
        "has_left": false, "timezone": "Europe/Berlin", "local_time": "Fri 10:15", "addresses": ["ann@example.org"],
        "aliases": ["annm on libera (irc)"], "groups": ["core"], "roles": ["administrator"],
        "counts": [{ "module": "tracker", "count": 12 }, { "module": "lists", "count": 3 }],
    });
    let lines = json!([{ "id": 7, "at": AT, "text": "filed #12 crash on start", "url": "/issues/12" }]);
    vec![
        Sample::new("accounts/person.list.html", context! { title: "People", page, q: "" }),
        Sample::new(
            "accounts/person.view.html",
            context! {
                title: "Ann Miller", person, lines, older: 7, module: "tracker", is_admin: true, is_own: true,
            },
        ),
    ]
}

fn administration() -> Vec<Sample> {
    let line = json!({
        "at": AT, "kind": "logged in", "name": "ann", "actor": "Ann Miller", "address": "192.0.2.1", "agent": "Firefox", "detail": "",
    });
    let grants = json!([{ "role": "administrator", "scope": "" }, { "role": "moderator", "scope": "list/dev" }]);
    let roles = ["developer", "moderator", "administrator"];
    let row = json!({ "name": "ann", "display_name": "Ann Miller", "state": "waiting", "joined": AT, "seen": null });
    vec![
        Sample::new(
            "accounts/admin.people.html",
            context! {
                title: "People", page: json!({ "number": 1, "size": 100, "total": 1, "items": [row] }), q: "", state: "waiting",
                states: json!({ "active": 3, "waiting": 1 }), name: "", display_name: "", address: "",
                signups: json!([{ "name": "bob", "address": "bob@example.org", "at": AT, "expires_at": AT }]),
            },
        ),
        Sample::new(
            "accounts/admin.person.html",
            context! {
                title: "ann", name: "ann", display_name: "Ann Miller", state: "active", joined: AT, seen: AT,
                emails: json!([{ "address": "ann@example.org", "is_primary": true }]), grants, groups: ["core"], sessions: 2,
                tokens: 1, has_password: true, lines: std::slice::from_ref(&line), roles,
            },
        ),
        Sample::new(
            "accounts/admin.link.html",
            context! {
                title: "A link for a password", name: "ann", link: "https://hub.example.org/reset/x", minutes: 30,
            },
        ),
        Sample::new(
            "accounts/admin.groups.html",
            context! {
                title: "Groups", groups: json!([{ "name": "core", "description": "Those who release", "members": 3 }]), name: "",
                description: "",
            },
        ),
        Sample::new(
            "accounts/admin.group.html",
            context! {
                title: "core", group_name: "core", description: "Those who release", rules: true, grants, roles,
                members: json!([{ "name": "ann", "display_name": "Ann Miller", "state": "active", "is_admin": true }]),
            },
        ),
        Sample::new(
            "accounts/admin.invitations.html",
            context! {
                title: "Invitations", address: "", link: "https://hub.example.org/register?invitation=x", days: 14,
                invitations: json!([{ "id": "1", "address": "", "host": "ann", "created_at": AT, "expires_at": AT }]),
            },
        ),
        Sample::new(
            "accounts/admin.programs.html",
            context! {
                title: "Programs", issuer: "https://hub.example.org", name: "", redirect_uris: "", group: "", is_public: false,
                is_trusted: false, made: json!({ "client_id": "c1", "secret": "x" }),
                clients: json!([{
                    "id": "1", "client_id": "c1", "name": "Wiki", "uris": ["https://wiki.example.org/callback"], "group": "core",
                    "is_public": false, "is_trusted": true,
                }]),
            },
        ),
        Sample::new(
            "accounts/admin.audit.html",
            context! {
                title: "Audit log", page: json!({ "number": 1, "size": 100, "total": 1, "items": [line] }), kinds: ["logged in"],
                kind: "", person: "ann", unknown: false,
            },
        ),
    ]
}

fn letters() -> Vec<Sample> {
    let letter = |name: &'static str, more: kernel::Context| {
        let mut context = context! {
            site: json!({ "name": "Example", "url": "https://hub.example.org" }), address: "ann@example.org",
        };
        context.extend(more);
        Sample::new(name, context)
    };
    let link = "https://hub.example.org/confirm/x";
    let mut all = vec![];
    for (subject, body, more) in [
        ("accounts/mail/signup.subject.txt", "accounts/mail/signup.body.txt", context! { name: "ann", link }),
        (
            "accounts/mail/known.subject.txt",
            "accounts/mail/known.body.txt",
            context! { name: "ann", login: link, reset: link },
        ),
        ("accounts/mail/address.subject.txt", "accounts/mail/address.body.txt", context! { name: "ann", link }),
        ("accounts/mail/taken.subject.txt", "accounts/mail/taken.body.txt", context! { name: "ann", other: "bob" }),
        (
            "accounts/mail/moved.subject.txt",
            "accounts/mail/moved.body.txt",
            context! { name: "ann", chosen: "a@b.org", reset: link },
        ),
        (
            "accounts/mail/reset.subject.txt",
            "accounts/mail/reset.body.txt",
            context! { name: "ann", link, minutes: 30 },
        ),
        (
            "accounts/mail/waiting.subject.txt",
            "accounts/mail/waiting.body.txt",
            context! { name: "ann", display_name: "Ann", page: link },
        ),
        (
            "accounts/mail/approved.subject.txt",
            "accounts/mail/approved.body.txt",
            context! { name: "ann", login: link },
        ),
        (
            "accounts/mail/invitation.subject.txt",
            "accounts/mail/invitation.body.txt",
            context! { host: "Bob", link, days: 14 },
        ),
    ] {
        all.push(letter(subject, more.clone()));
        all.push(letter(body, more));
    }
    all
}

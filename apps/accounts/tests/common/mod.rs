//! What the conversations of accounts share.
#![allow(dead_code, reason = "each test file uses some of it")]

use guildhall_accounts as accounts;

use accounts::{Config, Signup};
use kernel::Hub;
use plug::Module;
use testkit::{Browser, Reply, TestHub, form};

pub const PASSWORD: &str = "correct horse battery staple";

pub fn confirm(hub: &Hub) -> Module {
    accounts::module(hub, Config::default())
}

pub fn open(hub: &Hub) -> Module {
    accounts::module(hub, Config { signup: Signup::Open, ..Config::default() })
}

pub fn closed(hub: &Hub) -> Module {
    accounts::module(hub, Config { signup: Signup::Closed, ..Config::default() })
}

pub fn approve(hub: &Hub) -> Module {
    accounts::module(hub, Config { signup: Signup::Approve, ..Config::default() })
}

pub fn path(url: &str) -> String {
    url.strip_prefix("http://hub.test").expect("a link of the hub").to_owned()
}

pub async fn sign_up(visitor: &Browser, name: &str, address: &str) -> Reply {
    visitor.post("/register", form! { name: name, display_name: "", address: address, password: PASSWORD }).await
}

pub async fn log_in(visitor: &Browser, name: &str, password: &str) -> Reply {
    visitor.post("/login", form! { name: name, password: password, next: "/me" }).await
}

/// Somebody with an account and a password, in a browser that is not signed in.
pub async fn member(hub: &TestHub, name: &str) -> Browser {
    let (visitor, address) = (hub.stranger(), format!("{name}@example.org"));
    sign_up(&visitor, name, &address).await.expect(200);
    hub.settle().await;
    let link = path(&hub.outbox().await.to(&address).last().link("/confirm/"));
    visitor.post(&link, form! { name: name, password: PASSWORD }).await.expect(303);
    hub.stranger()
}

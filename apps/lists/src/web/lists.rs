//! The list of lists, and making one.

use ::web::{Administrator, CsrfForm, Page, Result};
use axum::extract::State;
use axum::response::Response;
use kernel::{Context, context};
use serde::{Deserialize, Serialize};

use super::errors;
use crate::list::{self, STYLES};
use crate::notice::{Described, describe};
use crate::{Lists, Refusal, query, url};

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    list: Described,
    members: i64,
    is_member: bool,
}

/// Shows every list that the visitor may know of.
pub async fn index(State(lists): State<Lists>, page: Page) -> Result<Response> {
    let conn = lists.hub.store.read();
    let found = query::lists(&conn, page.actor()).await?;
    let members = query::member_counts(&conn).await?;
    let joined = match page.actor().user() {
        Some(user) => query::joined(&conn, user).await?,
        None => vec![],
    };
    let row = |list: &list::List| Row {
        list: describe(&lists.hub, list),
        members: members.get(&list.id).copied().unwrap_or(0),
        is_member: joined.contains(&list.id),
    };
    let rows: Vec<Row> = found.iter().map(row).collect();
    page.render("lists/list.index.html", context! { title: "Lists", rows, feed: "/lists/.atom" })
}

/// What a new list is to be.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewList {
    address: String,
    title: String,
    style: String,
}

/// Asks what a new list is to be.
pub async fn new_form(State(lists): State<Lists>, admin: Administrator) -> Result<Response> {
    let form = NewList { style: "discussion".into(), ..NewList::default() };
    admin.render("lists/list.new.html", new_context(&lists, &form))
}

fn new_context(lists: &Lists, form: &NewList) -> Context {
    let style = |(word, help): &(&str, &str)| serde_json::json!({ "value": word, "label": word, "help": help });
    let styles: Vec<_> = STYLES.iter().map(style).collect();
    context! { title: "New list", form: form, styles, domain: lists.hub.settings.mail_domain }
}

/// Makes a list.
pub async fn create(
    State(lists): State<Lists>,
    admin: Administrator,
    CsrfForm(form): CsrfForm<NewList>,
) -> Result<Response> {
    let tx = lists.hub.store.write().await?;
    let made = match list::name_of(&lists.hub, &form.address) {
        Ok(name) => list::create(&tx, admin.actor(), &name, &form.title, &form.style).await,
        Err(refusal) => Err(refusal),
    };
    match made {
        Ok(list) => {
            tx.commit().await?;
            Ok(::web::see_other(url::of_list(&list.name, "settings")))
        }
        Err(Refusal::Store(error)) => Err(error.into()),
        Err(refusal) => {
            let field = if matches!(refusal, Refusal::NoSuchStyle(..)) { "style" } else { "address" };
            let mut context = new_context(&lists, &form);
            context.insert("errors", &errors(field, refusal));
            admin.refuse("lists/list.new.html", context)
        }
    }
}

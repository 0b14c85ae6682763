//! Doing what was planned, through the doors that people use, with the clock moved along.

use std::collections::{BTreeMap, HashMap};

use accounts::audit::Client;
use kernel::Hub;
use people::{Actor, EVERYWHERE, Role, User};
use tracker::catalog::{Catalog, Catalogs};
use tracker::change::{Change, Edit, NewMessage};
use tracker::kind::Value;

use super::cores;
use super::plan::{Plan, RELEASES, Step};
use crate::config::Config;

/// The password of those who can sign in.
pub const PASSWORD: &str = "seven moths around one lamp";
const SIGN_IN: [&str; 3] = ["lena", "tomas", "ines"];
/// Those who change what others wrote.
const DEVELOPERS: usize = 20;

/// Fills an empty hub; how many issues there are then.
pub async fn fill(hub: &Hub, config: &Config, plan: &Plan) -> anyhow::Result<usize> {
    let users = people(hub, config, plan).await?;
    let catalogs = tracker(hub, plan).await?;
    let mut numbers: HashMap<usize, i64> = HashMap::new();
    for step in &plan.steps {
        hub.clock.advance(step.at - hub.now());
        let tx = hub.store.write().await?;
        let catalog = catalogs.named(&tx, "").await?.ok_or_else(|| anyhow::anyhow!("the tracker is gone"))?;
        let actor = people::user::actor(&tx, users[step.who].id).await?;
        let change = change(&catalog, step, &users);
        if let Some(number) = numbers.get(&step.issue) {
            tracker::issue::change(&tx, &actor, &catalog, *number, change).await?;
        } else {
            let change = Change { title: Some(plan.issues[step.issue].title.clone()), ..change };
            let done = tracker::issue::create(&tx, &actor, &catalog, change).await?;
            numbers.insert(step.issue, done.number);
        }
        tx.commit().await?;
    }
    hub.clock.advance(plan.end - hub.now());
    Ok(numbers.len())
}

fn change(catalog: &Catalog, step: &Step, users: &[User]) -> Change {
    let mut edits = BTreeMap::new();
    for (property, name) in &step.sets {
        let value = match *property {
            "assignedto" => users.iter().find(|user| user.name == *name).map(|user| Value::Link(user.participant_id.0)),
            "components" | "versions" => {
                let class = if *property == "components" { "component" } else { "version" };
                let item = catalog.class(class).and_then(|class| class.item_named(name));
                item.map(|item| Value::links(vec![item.number]))
            }
            link => catalog.named(link, name),
        };
        if let Some(value) = value {
            edits.insert((*property).to_owned(), Edit::Set(value));
        }
    }
    let message = (!step.text.is_empty()).then(|| NewMessage { text: step.text.clone(), ..NewMessage::default() });
    Change { edits, message, ..Change::default() }
}

async fn people(hub: &Hub, config: &Config, plan: &Plan) -> anyhow::Result<Vec<User>> {
    let hasher = accounts::hashing::Hasher::new(&config.accounts.clone().unwrap_or_default());
    let hash = accounts::password::prepare(&hasher, PASSWORD, &[]).await?;
    let mut users = vec![];
    for (at, person) in plan.people.iter().enumerate() {
        hub.clock.advance(plan.end - chrono::Duration::days(person.6) - hub.now());
        let tx = hub.store.write().await?;
        let user = people::user::create(&tx, &person.0, &person.1, &person.2, true, "active").await?;
        let role = if at == 0 { Role::Administrator } else { Role::Developer };
        if at < DEVELOPERS {
            people::user::grant(&tx, user.id, role, EVERYWHERE).await?;
        }
        if SIGN_IN.contains(&user.name.as_str()) {
            let by = Actor::system("demo");
            accounts::password::change(&tx, &by, &user, hash.clone(), None, &Client::console()).await?;
        }
        accounts::signup::welcome(&tx, &user, &Client::console()).await?;
        tx.commit().await?;
        users.push(user);
    }
    Ok(users)
}

async fn tracker(hub: &Hub, plan: &Plan) -> anyhow::Result<Catalogs> {
    hub.clock.advance(plan.end - chrono::Duration::days(500) - hub.now());
    let catalogs = Catalogs::new("issues", &hub.settings.mail_domain);
    let tx = hub.store.write().await?;
    tracker::tracker::create(&tx, "issues", "Issues", "devel").await?;
    tx.commit().await?;
    let by = Actor::system("demo");
    let versions = RELEASES.iter().map(|(name, _)| *name);
    let rows = cores::components().map(|name| ("component", name));
    let rows = rows.chain(versions.clone().map(|name| ("version", name)));
    let rows = rows.chain(versions.chain(["2.7"]).map(|name| ("milestone", name)));
    for (class, name) in rows {
        let tx = hub.store.write().await?;
        let catalog = catalogs.named(&tx, "").await?.ok_or_else(|| anyhow::anyhow!("the tracker is gone"))?;
        tracker::settings::add(&tx, &by, &catalog, class, name).await?;
        tx.commit().await?;
    }
    Ok(catalogs)
}

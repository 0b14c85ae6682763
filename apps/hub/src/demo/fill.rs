//! Doing what was planned, through the doors that people, mail servers and hooks use, with the clock moved along.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use accounts::audit::Client;
use chrono::{DateTime, Duration, Utc};
use journal::Dispatcher;
use kernel::Hub;
use mail::Rcpt;
use mail::inbound::{self, Envelope, Mailboxes};
use people::profile::Profile;
use people::{Actor, EVERYWHERE, Role, User};
use plug::Subscriber;
use tracker::catalog::{Catalog, Catalogs};
use tracker::change::{Change, Edit, NewMessage};
use tracker::kind::Value;

use super::history::Push;
use super::mails::{DOMAIN, Mail};
use super::pages::File;
use super::plan::{DEVELOPERS, RELEASES, Step};
use super::talk::{CHANNELS, Said};
use super::year::{Deed, Year};
use super::{NETWORK, PASSWORD, SIGN_IN, cores, repos};
use crate::config::Config;
use crate::modules;

/// The lists: name, title, what they are for.
const LISTS: [(&str, &str, &str); 3] = [
    ("dev", "Papermoth development", "Plans, patches and reviews. Everybody may read; members write."),
    (
        "users",
        "Papermoth users",
        "Questions about reading, writing, storing and searching mail. No question is too small.",
    ),
    ("commits", "Papermoth commits", "What is pushed, with its diffs. Answers are reviews, and welcome."),
];
/// Queries that people have saved: who, name, query, whether it is theirs alone.
const QUERIES: [(usize, &str, &str, bool); 6] = [
    (0, "Open and urgent", "state=open&priority=urgent", false),
    (0, "For 2.7", "state=all&milestone=2.7", false),
    (1, "Security", "state=all&type=security", false),
    (3, "Documentation", "state=open&type=documentation", false),
    (0, "Mine, oldest first", "state=open&assignedto=lena&sort=activity", true),
    (2, "IMAP", "state=open&components=imap", false),
];
/// The sites' job, and the name of the project's site in it.
const BUILD: (&str, &str) = ("RebuildSite", "site");
/// The subscriber that mails those who follow an issue, and for how many days before the end it does.
const NOSY: &str = "tracker/nosy";
const MAILED: i64 = 45;
/// Lines that the bot says at a time.
const SPOKEN: u64 = 50;

/// Fills an empty hub with a year; `tell` hears how far it is, from 0 to 1.
pub async fn fill(hub: &Hub, config: &Config, year: &Year, tell: impl Fn(f64)) -> anyhow::Result<()> {
    let mut filler = Filler::new(hub, config, year).await?;
    let mut settled = hub.now();
    for (done, (at, deed)) in year.deeds.iter().enumerate() {
        // What was said is found by the hour, as long as the hour is not long past.
        if *at - hub.now() > Duration::minutes(20) {
            filler.runner.settle().await?;
        }
        if *at - settled > Duration::days(1) {
            filler.settle().await?;
            settled = *at;
            tell(done as f64 / year.deeds.len() as f64);
        }
        hub.clock.advance((*at - hub.now()).max(Duration::zero()));
        if !filler.is_recent && year.end - *at < Duration::days(MAILED) {
            filler.begin_to_mail().await?;
        }
        filler.act(deed).await?;
    }
    filler.settle().await?;
    filler.save_queries().await?;
    hub.clock.advance((year.end - hub.now()).max(Duration::zero()));
    let tx = hub.store.write().await?;
    for channel in filler.channels.values() {
        chat::log::note_state(&tx, *channel, "this is a demo, which connects to no network").await?;
    }
    crate::web::first::put_away(&tx).await?;
    tx.commit().await?;
    filler.forget_mail().await?;
    tell(1.0);
    Ok(())
}

struct Filler<'y> {
    hub: &'y Hub,
    config: &'y Config,
    year: &'y Year,
    mailboxes: Mailboxes,
    dispatcher: Dispatcher,
    subscribers: Vec<Arc<dyn Subscriber>>,
    /// Whether the time has come of which the mails are kept.
    is_recent: bool,
    runner: jobs::Runner,
    catalogs: Catalogs,
    hash: String,
    users: BTreeMap<usize, User>,
    numbers: HashMap<usize, i64>,
    channels: HashMap<&'static str, chat::ChannelId>,
    repositories: Vec<repos::Repository>,
    spool: commits::spool::Spool,
    /// Who writes to which list.
    writers: BTreeSet<(&'static str, String)>,
}

impl<'y> Filler<'y> {
    async fn new(hub: &'y Hub, config: &'y Config, year: &'y Year) -> anyhow::Result<Self> {
        let (mut mailboxes, mut subscribers, mut jobs) = (vec![], vec![], vec![]);
        for module in modules::modules(hub, config) {
            mailboxes.extend(module.mailboxes);
            subscribers.extend(module.subscribers);
            // What runs by the clock would run for every step of a year.
            jobs.extend(module.jobs.into_iter().filter(|job| job.every().is_none()));
        }
        let long_past = subscribers.iter().filter(|known| known.name() != NOSY).cloned().collect();
        let dispatcher = Dispatcher::new(hub.store.clone(), long_past);
        dispatcher.prepare().await?;
        let hasher = accounts::hashing::Hasher::new(&config.accounts.clone().unwrap_or_default());
        let mails = year.deeds.iter().filter_map(|(_, deed)| match deed {
            Deed::Mail(mail) => Some((mail.list, mail.from.clone())),
            _ => None,
        });
        let filler = Self {
            hub,
            config,
            year,
            mailboxes: Mailboxes::new(mailboxes),
            dispatcher,
            subscribers,
            is_recent: false,
            runner: jobs::Runner::new(hub.clone(), jobs),
            catalogs: Catalogs::new("issues", &hub.settings.mail_domain),
            hash: accounts::password::prepare(&hasher, PASSWORD, &[]).await?,
            users: BTreeMap::new(),
            numbers: HashMap::new(),
            channels: channels(hub).await?,
            repositories: repositories(hub, year).await?,
            spool: commits::spool::Spool::new(),
            writers: mails.collect(),
        };
        tracker(hub, &filler.catalogs).await?;
        make_lists(hub).await?;
        Ok(filler)
    }

    async fn act(&mut self, deed: &Deed) -> anyhow::Result<()> {
        match deed {
            Deed::Join(who) => self.join(*who).await,
            Deed::Issue(step) => self.issue(step).await,
            Deed::Mail(mail) => self.mail(mail).await,
            Deed::Talk(said) => self.talk(said).await,
            Deed::Pages(files) => self.publish(files).await,
            Deed::Push(push) => self.push(push).await,
        }
    }

    /// From now on people are mailed what happens to their issues: nobody looks for the mails of long ago.
    async fn begin_to_mail(&mut self) -> anyhow::Result<()> {
        self.settle().await?;
        self.is_recent = true;
        self.dispatcher = Dispatcher::new(self.hub.store.clone(), self.subscribers.clone());
        Ok(self.dispatcher.prepare().await?)
    }

    /// Lets everything answer that answers what happened, until nothing moves; the bot says what it was given to say.
    async fn settle(&self) -> anyhow::Result<()> {
        loop {
            let mut moved = self.dispatcher.settle().await? + self.runner.settle().await?;
            moved += inbound::deliver_pending(self.hub, &self.mailboxes).await?;
            if moved == 0 {
                break;
            }
        }
        self.speak().await
    }

    async fn join(&mut self, who: usize) -> anyhow::Result<()> {
        let person = &self.year.people[who];
        let tx = self.hub.store.write().await?;
        let user = people::user::create(&tx, &person.0, &person.1, &person.2, true, "active").await?;
        let profile = Profile { display_name: person.1.clone(), timezone: person.7.clone(), ..Profile::default() };
        people::profile::describe(&tx, user.id, &profile).await?;
        let role = if who == 0 { Role::Administrator } else { Role::Developer };
        if who < DEVELOPERS {
            people::user::grant(&tx, user.id, role, EVERYWHERE).await?;
        }
        if SIGN_IN.contains(&user.name.as_str()) {
            let by = Actor::system("demo");
            accounts::password::change(&tx, &by, &user, self.hash.clone(), None, &Client::console()).await?;
        }
        accounts::signup::welcome(&tx, &user, &Client::console()).await?;
        let actor = people::user::actor(&tx, user.id).await?;
        for (name, ..) in LISTS {
            if who < DEVELOPERS || self.writers.contains(&(name, person.2.clone())) {
                let list = lists::list::named(&tx, name).await?;
                lists::member::add(&tx, &actor, &list, &person.1, &person.2).await?;
            }
        }
        tx.commit().await?;
        self.users.insert(who, user);
        Ok(())
    }

    async fn issue(&mut self, step: &Step) -> anyhow::Result<()> {
        let tx = self.hub.store.write().await?;
        let catalog = catalog(&self.catalogs, &tx).await?;
        let user = self.users.get(&step.who).ok_or_else(|| anyhow::anyhow!("Somebody acts before they joined"))?;
        let actor = people::user::actor(&tx, user.id).await?;
        let change = change(&catalog, step, &self.users);
        if let Some(number) = self.numbers.get(&step.issue) {
            tracker::issue::change(&tx, &actor, &catalog, *number, change).await?;
        } else {
            let change = Change { title: Some(self.year.issues[step.issue].title.clone()), ..change };
            let done = tracker::issue::create(&tx, &actor, &catalog, change).await?;
            self.numbers.insert(step.issue, done.number);
        }
        people::user::seen(&tx, user.id).await?;
        Ok(tx.commit().await?)
    }

    async fn mail(&self, mail: &Mail) -> anyhow::Result<()> {
        let rcpts = Rcpt::parse(&format!("{}@{DOMAIN}", mail.list)).into_iter().collect();
        let envelope = Envelope { from: mail.from.clone(), rcpts, via: "smtp".into() };
        let received = inbound::receive(self.hub, &self.mailboxes, &mail.raw, &envelope).await?;
        anyhow::ensure!(received.refused.is_empty(), "A mail of the demo is refused: {:?}", received.refused);
        self.settle().await
    }

    async fn talk(&self, said: &Said) -> anyhow::Result<()> {
        let line = chat::log::Line {
            at: self.hub.now(),
            kind: said.kind,
            nick: said.nick.clone(),
            account: said.nick.clone(),
            text: said.text.clone(),
            raw: None,
        };
        let Some(channel) = self.channels.get(said.channel) else { return Ok(()) };
        let tx = self.hub.store.write().await?;
        chat::log::record(&tx, *channel, &[line]).await?;
        Ok(tx.commit().await?)
    }

    async fn save_queries(&self) -> anyhow::Result<()> {
        let tx = self.hub.store.write().await?;
        for (who, name, query, is_private) in QUERIES {
            let Some(user) = self.users.get(&who) else { continue };
            let actor = people::user::actor(&tx, user.id).await?;
            // Saving one makes the catalog of before an old one.
            let catalog = catalog(&self.catalogs, &tx).await?;
            tracker::saved::save(&tx, &actor, &catalog, name, query, is_private).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Says on the channels what waits to be said there, as the bot does, two seconds a line.
    async fn speak(&self) -> anyhow::Result<()> {
        let waiting = chat::say::pending(&self.hub.store.read(), NETWORK, SPOKEN).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let tx = self.hub.store.write().await?;
        for (order, (id, channel, text)) in waiting.into_iter().enumerate() {
            let at = self.hub.now() + Duration::seconds(2 * order as i64 + 1);
            let line =
                chat::log::Line { at, kind: "say", nick: "guildhall".into(), account: String::new(), text, raw: None };
            if let Some(channel) = self.channels.get(channel.as_str()) {
                chat::log::record(&tx, *channel, &[line]).await?;
            }
            chat::say::said(&tx, id).await?;
        }
        tx.commit().await?;
        self.runner.settle().await?;
        Ok(())
    }

    /// Moves a branch, leaves the records that its hook would, and has the hub read them.
    async fn push(&self, push: &Push) -> anyhow::Result<()> {
        let Some(repository) = self.repositories.iter().find(|known| known.place == push.place) else { return Ok(()) };
        self.forget_mail().await?;
        let records = repos::push(repository, &self.year.history, push, &self.year.people, self.hub.now())?;
        for record in &records {
            commits::hook::write(self.hub.store.data(), &record.key, record)?;
        }
        self.spool.drain(self.hub).await?;
        self.settle().await?;
        mail::outbound::settle(self.hub, &self.mailboxes, &self.config.mail).await?;
        self.settle().await
    }

    /// Gives up what waits to be sent: the world outside hears nothing of a demo, and only what its own lists take matters.
    async fn forget_mail(&self) -> anyhow::Result<()> {
        let tx = self.hub.store.write().await?;
        mail::outbound::drop_all(&tx, "It belongs to the past of a demo, which is sent to nobody.").await?;
        Ok(tx.commit().await?)
    }

    async fn publish(&self, files: &[File]) -> anyhow::Result<()> {
        let Some(site) = &self.config.site else { return Ok(()) };
        for (path, text) in files {
            let path = site.source.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&site.source))?;
            std::fs::write(path, text)?;
        }
        let tx = self.hub.store.write().await?;
        jobs::enqueue(&tx, BUILD.0, BUILD.1, serde_json::json!({ "site": BUILD.1 })).await?;
        tx.commit().await?;
        self.settle().await
    }
}

/// Makes the repositories and tells the hub of them.
async fn repositories(hub: &Hub, year: &Year) -> anyhow::Result<Vec<repos::Repository>> {
    let made = repos::make(&hub.store.data().join("repositories"), &year.history, &year.people)?;
    for repository in &made {
        let settings = commits::repository::Settings {
            name: repository.name.into(),
            path: repository.path.to_string_lossy().into_owned(),
            description: repository.description.into(),
            list_address: format!("commits@{DOMAIN}"),
            channel: CHANNELS[1].0.into(),
            ..commits::repository::Settings::default()
        };
        let checked = commits::repository::check(settings).await?;
        let tx = hub.store.write().await?;
        commits::repository::add(&tx, &Actor::system("demo"), checked).await?;
        tx.commit().await?;
    }
    Ok(made)
}

async fn catalog(catalogs: &Catalogs, tx: &store::Tx) -> anyhow::Result<Catalog> {
    catalogs.named(tx, "").await?.ok_or_else(|| anyhow::anyhow!("The tracker of the demo is gone"))
}

fn change(catalog: &Catalog, step: &Step, users: &BTreeMap<usize, User>) -> Change {
    let mut edits = BTreeMap::new();
    for (property, name) in &step.sets {
        let value = match *property {
            "assignedto" => {
                users.values().find(|user| user.name == *name).map(|user| Value::Link(user.participant_id.0))
            }
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

async fn tracker(hub: &Hub, catalogs: &Catalogs) -> anyhow::Result<()> {
    let by = Actor::system("demo");
    let tx = hub.store.write().await?;
    tracker::tracker::create(&tx, "issues", "Issues", "devel").await?;
    tx.commit().await?;
    let versions = RELEASES.iter().map(|(name, _)| *name);
    let rows = cores::components().map(|name| ("component", name));
    let rows = rows.chain(versions.clone().map(|name| ("version", name)));
    let rows = rows.chain(versions.chain(["2.7"]).map(|name| ("milestone", name)));
    for (class, name) in rows {
        let tx = hub.store.write().await?;
        let catalog = catalog(catalogs, &tx).await?;
        tracker::settings::add(&tx, &by, &catalog, class, name).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn make_lists(hub: &Hub) -> anyhow::Result<()> {
    let by = Actor::system("demo");
    let tx = hub.store.write().await?;
    for (name, title, description) in LISTS {
        let list = lists::list::create(&tx, &by, name, title, "discussion").await?;
        let change = lists::list::Change { description: description.into(), ..lists::list::Change::of(&list) };
        lists::list::change(&tx, &by, &list, change).await?;
    }
    Ok(tx.commit().await?)
}

async fn channels(hub: &Hub) -> anyhow::Result<HashMap<&'static str, chat::ChannelId>> {
    let tx = hub.store.write().await?;
    let mut channels = HashMap::new();
    for (name, topic, _) in CHANNELS {
        let id = chat::log::channel(&tx, NETWORK, name).await?;
        let topic = chat::log::Line {
            at: tx.now(),
            kind: "topic",
            nick: "lena".into(),
            account: "lena".into(),
            text: topic.into(),
            raw: None,
        };
        chat::log::record(&tx, id, &[topic]).await?;
        channels.insert(name, id);
    }
    tx.commit().await?;
    Ok(channels)
}

/// When the clock of a filling begins: before anybody joins.
pub fn begins(end: DateTime<Utc>) -> DateTime<Utc> {
    end - Duration::days(720)
}

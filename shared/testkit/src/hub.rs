//! The hub of a test.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use jobs::Runner;
use journal::Dispatcher;
use kernel::{Clock, Hub, Settings, Templates, Theme};
use mail::inbound::Mailboxes;
use people::{EVERYWHERE, Role};
use plug::{Module, Sample, Subscriber};
use store::Store;
use tempfile::TempDir;
use web::Shell;

use crate::{Browser, database};

/// A hub with some modules, on a database of its own.
pub struct TestHub {
    pub hub: Hub,
    pub router: axum::Router,
    pub mailboxes: Mailboxes,
    pub subscribers: Vec<Arc<dyn Subscriber>>,
    pub samples: Vec<Sample>,
    dispatcher: Dispatcher,
    runner: Runner,
    _folder: TempDir,
}

impl TestHub {
    /// A hub whose modules are made by these functions. It is 2026-11-21 12:00 UTC, at `http://hub.test`, and its mail
    /// domain is `hub.test`.
    pub async fn with(modules: impl IntoIterator<Item = fn(&Hub) -> Module>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let start: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().expect("a time");
        let store = database::open(folder.path(), Clock::by_hand(start)).await;
        let hub = hub_on(store, folder.path().to_owned());
        let modules = modules.into_iter().map(|make| make(&hub)).collect();
        Self::assemble(hub, modules, folder)
    }

    /// A hub on a database that `grow` has migrated, and filled in between as older programs would have. It is 20:00.
    pub async fn grown(modules: impl IntoIterator<Item = fn(&Hub) -> Module>, grow: impl AsyncFnOnce(&Store)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let start: DateTime<Utc> = "2026-11-21T20:00:00Z".parse().expect("a time");
        let store = database::empty(folder.path(), Clock::by_hand(start)).await;
        grow(&store).await;
        let hub = hub_on(store, folder.path().to_owned());
        let modules = modules.into_iter().map(|make| make(&hub)).collect();
        Self::assemble(hub, modules, folder)
    }

    fn assemble(hub: Hub, modules: Vec<Module>, folder: TempDir) -> Self {
        let (mut routes, mut menu) = (web::assets::routes(), vec![]);
        let (mut mailboxes, mut subscribers, mut jobs, mut samples) = (vec![], vec![], vec![], vec![]);
        for module in modules {
            routes = routes.merge(module.routes);
            menu.extend(module.menu);
            mailboxes.extend(module.mailboxes);
            subscribers.extend(module.subscribers);
            jobs.extend(module.jobs);
            samples.extend(module.samples);
        }
        let shell = Arc::new(Shell::new(hub.clone(), menu, "test"));
        let router = web::layers::around(routes, shell);
        let dispatcher = Dispatcher::new(hub.store.clone(), subscribers.clone());
        let runner = Runner::new(hub.clone(), jobs);
        let mailboxes = Mailboxes::new(mailboxes);
        Self { hub, router, mailboxes, subscribers, samples, dispatcher, runner, _folder: folder }
    }

    /// A user who has signed in: `NAME`, with the confirmed address `NAME@example.org`.
    pub async fn user(&self, name: &str) -> Browser {
        self.signed_in(name, None).await
    }

    /// An administrator of the hub who has signed in.
    pub async fn admin(&self, name: &str) -> Browser {
        self.signed_in(name, Some(Role::Administrator)).await
    }

    /// A user who has signed in and holds a role everywhere.
    pub async fn user_with(&self, name: &str, role: Role) -> Browser {
        self.signed_in(name, Some(role)).await
    }

    async fn signed_in(&self, name: &str, role: Option<Role>) -> Browser {
        let tx = self.hub.store.write().await.expect("a transaction");
        let address = format!("{name}@example.org");
        let user = people::user::create(&tx, name, "", &address, true, "active").await.expect("a new user");
        if let Some(role) = role {
            people::user::grant(&tx, user.id, role, EVERYWHERE).await.expect("a grant");
        }
        let secret = web::session::start(&tx, user.id, "127.0.0.1", "test").await.expect("a session");
        tx.commit().await.expect("a commit");
        let cookies = vec![("guildhall-session".to_owned(), secret)];
        Browser {
            router: self.router.clone(),
            hub: self.hub.clone(),
            user: Some(user),
            cookies: Arc::new(cookies.into()),
        }
    }

    /// A browser of a stranger.
    pub fn stranger(&self) -> Browser {
        Browser { router: self.router.clone(), hub: self.hub.clone(), user: None, cookies: Arc::default() }
    }

    /// Moves the clock.
    pub fn wait(&self, by: Duration) {
        self.hub.clock.advance(by);
    }

    /// Runs journal, jobs and incoming mail until nothing moves; parked entries and failed jobs fail the test.
    pub async fn settle(&self) {
        loop {
            let mut moved = self.dispatcher.settle().await.expect("the journal");
            moved += self.runner.settle().await.expect("the jobs");
            moved += self.deliver_pending().await;
            if moved == 0 {
                break;
            }
        }
        let parked = journal::query::parked(&self.hub.store.read()).await.expect("the journal");
        assert!(parked.is_empty(), "parked entries: {parked:?}");
        let failed = jobs::query::count(&self.hub.store.read(), "failed").await.expect("the jobs");
        assert_eq!(failed, 0, "failed jobs: {:?}", jobs::query::queued(&self.hub.store.read(), 20).await);
    }

    /// Renders every sample of the modules; a template that does not render fails the test. With `GUILDHALL_SAMPLES=DIR`
    /// the pages are written there with the static files they name, to be served and looked at (`ops/look`).
    pub async fn render_samples(&self) {
        let page = web::Page::for_tests(Arc::new(Shell::new(self.hub.clone(), vec![], "test")));
        let folder = std::env::var_os("GUILDHALL_SAMPLES").map(PathBuf::from);
        for (number, sample) in self.samples.iter().enumerate() {
            let rendered = if sample.template.ends_with(".txt") {
                self.hub.templates.render(sample.template, &sample.context).map_err(|error| error.to_string())
            } else {
                text_of(page.render(sample.template, sample.context.clone())).await
            };
            let text = rendered.unwrap_or_else(|error| panic!("{}: {error}", sample.template));
            if let Some(folder) = &folder {
                write(&folder.join(format!("{number:03}-{}", sample.template.replace('/', "-"))), text.as_bytes());
                self.write_assets(folder);
            }
        }
    }

    fn write_assets(&self, folder: &std::path::Path) {
        let theme = self.hub.templates.theme();
        for name in theme.asset_names() {
            let bytes = theme.asset(name).map(|asset| asset.bytes.to_vec()).unwrap_or_default();
            write(&folder.join(theme.asset_url(name).trim_start_matches('/')), &bytes);
        }
    }
}

async fn text_of(page: web::Result<axum::response::Response>) -> Result<String, String> {
    let body = page.map_err(|error| error.to_string())?.into_body();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.map_err(|error| error.to_string())?;
    String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())
}

fn write(path: &std::path::Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for samples");
    std::fs::write(path, bytes).expect("a sample is written");
}

/// The hub itself, with its files in `folder`.
fn hub_on(store: Store, folder: PathBuf) -> Hub {
    let clock = store.clock().clone();
    let theme = Theme::load(None).expect("the theme");
    let templates = Templates::load(theme, clock).expect("the templates");
    let settings = Settings {
        name: "Test Project".into(),
        tagline: "A project for tests.".into(),
        url: "http://hub.test".into(),
        mail_domain: "hub.test".into(),
        timezone: "UTC".into(),
        data: folder,
        secret: b"a secret of thirty-two bytes....".to_vec(),
        node: "test".into(),
    };
    Hub::new(store, settings, templates)
}

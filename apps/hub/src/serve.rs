//! The service: HTTP, mail in and out, the journal, jobs and tasks, until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::{Extension, Router};
use jobs::{Runner, Stop, Task};
use journal::Dispatcher;
use kernel::{Budget, Hub};
use mail::inbound::{Listeners, Mailboxes};
use plug::{Mailbox, MenuEntry, Module, Subscriber};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use web::Shell;
use web::live::{self, Live};

use crate::config::Config;
use crate::web as pages;
use crate::web::checkup::Checkup;
use crate::web::metrics::Readers;

/// How long a stop waits for what is under way; with [`CLOSING`] less than the ten seconds that are promised.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a stop waits for the connections of the database.
const CLOSING: Duration = Duration::from_secs(1);

/// The modules, put together.
pub struct House {
    pub hub: Hub,
    pub router: Router,
    pub mailboxes: Mailboxes,
    pub subscribers: Vec<Arc<dyn Subscriber>>,
    pub dispatcher: Arc<Dispatcher>,
    pub runner: Arc<Runner>,
    live: Arc<Live>,
    tasks: Vec<Arc<dyn Task>>,
    /// What large answers hold until they are read.
    answers: Budget,
}

impl House {
    /// Puts the modules together.
    pub fn new(hub: Hub, config: &Config, modules: Vec<Module>) -> Self {
        let mut routes = Router::new();
        let mut menu: Vec<MenuEntry> = pages::menu();
        let mut mailboxes: Vec<Arc<dyn Mailbox>> = vec![Arc::new(crate::doctor::Around)];
        let (mut subscribers, mut jobs, mut tasks) = (vec![], pages::jobs(config), vec![]);
        let mut finders = vec![];
        let names: Vec<&'static str> = modules.iter().map(|module| module.name).collect();
        for module in modules {
            routes = routes.merge(module.routes);
            menu.extend(module.menu);
            mailboxes.extend(module.mailboxes);
            subscribers.extend(module.subscribers);
            jobs.extend(module.jobs);
            tasks.extend(module.tasks);
            finders.extend(module.finders);
        }
        let dispatcher = Arc::new(Dispatcher::new(hub.store.clone(), subscribers.clone()));
        let shell = Arc::new(Shell::new(hub.clone(), menu, env!("CARGO_PKG_VERSION")));
        let routes = routes.merge(pages::routes(&hub, &names, finders, dispatcher.clone()));
        let live = shell.live.clone();
        let answers = Budget::new(crate::http::ANSWERS);
        let router = dressed(routes, shell, answers.clone());
        let runner = Arc::new(Runner::new(hub.clone(), jobs));
        Self {
            hub,
            router,
            mailboxes: Mailboxes::new(mailboxes),
            subscribers,
            dispatcher,
            runner,
            live,
            tasks,
            answers,
        }
    }

    /// Its pages, with what those of the hub itself are given.
    pub fn app(&self, config: &Config, checkup: Checkup) -> Router {
        let readers = Readers { networks: config.hub.metrics.clone(), token: config.hub.metrics_token.clone() };
        self.router
            .clone()
            .layer(Extension(Arc::new(crate::settings::tables(config))))
            .layer(Extension(Arc::new(readers)))
            .layer(Extension(Arc::new(checkup)))
    }
}

fn dressed(routes: Router, shell: Arc<Shell>, answers: Budget) -> Router {
    let routes = routes.merge(web::assets::routes()).merge(live::routes()).layer(CatchPanicLayer::custom(|_| {
        axum::response::IntoResponse::into_response(web::Error::Internal("a handler panicked".into()))
    }));
    web::layers::around(routes, shell)
        .layer(axum::middleware::from_fn(crate::http::hurry))
        .layer(axum::middleware::from_fn_with_state(answers, crate::http::owe))
        .layer(CompressionLayer::new())
        .layer(axum::middleware::from_fn(pages::metrics::count))
}

/// Serves until SIGTERM or Ctrl-C; then finishes what is under way.
pub async fn serve(config: &Config, hub: Hub, modules: Vec<Module>) -> anyhow::Result<()> {
    let checkup = Checkup::new(config.clone());
    serve_at(listen(config).await?, config, House::new(hub, config, modules), checkup).await
}

/// Where HTTP comes in.
pub async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(&config.hub.listen)
        .await
        .with_context(|| format!("{} is taken or not ours; choose another `listen` in [hub]", config.hub.listen))
}

/// The same on a listener that is there already, with a house and a doctor of its own.
pub async fn serve_at(listener: TcpListener, config: &Config, house: House, checkup: Checkup) -> anyhow::Result<()> {
    let hub = house.hub.clone();
    pages::metrics::begin()?;
    house.dispatcher.prepare().await?;
    recover(&hub).await?;
    let stop = Stop::new();
    let mut running = JoinSet::new();
    start_mail(config, &house, &stop, &mut running).await?;
    start_work(&house, &stop, &mut running);
    running.spawn(pages::metrics::keep(stop.clone()));
    greet(config, &hub, listener.local_addr()?).await?;

    let (app, answers) = (house.app(config, checkup), house.answers.clone());
    let mut http = tokio::spawn(crate::http::serve(listener, app, config.hub.max_connections, answers, stop.clone()));
    tokio::select! {
        () = told_to_stop() => tracing::info!("stopping"),
        ended = &mut http => ended.context("the web server ended")?,
    }
    stop.cancel();
    let finishing = async {
        let _ = (&mut http).await;
        while running.join_next().await.is_some() {}
    };
    if tokio::time::timeout(PATIENCE, finishing).await.is_err() {
        tracing::warn!("some work was still under way; it goes on at the next start");
    }
    if tokio::time::timeout(CLOSING, hub.store.close()).await.is_err() {
        tracing::warn!("the database was still at work; what was not committed is undone");
    }
    Ok(())
}

/// Frees what this hub was at when it was killed, so that it goes on at once.
async fn recover(hub: &Hub) -> anyhow::Result<()> {
    let (jobs, mails) = (jobs::reclaim(hub).await?, mail::outbound::reclaim(hub).await?);
    if jobs + mails > 0 {
        tracing::info!(jobs, mails, "the hub was killed in the middle of work; it goes on with it");
    }
    Ok(())
}

async fn start_mail(config: &Config, house: &House, stop: &Stop, running: &mut JoinSet<()>) -> anyhow::Result<()> {
    let listeners = Listeners::bind(&config.mail).await?;
    let (hub, boxes) = (house.hub.clone(), house.mailboxes.clone());
    running.spawn(mail::inbound::serve(hub, boxes, listeners, config.mail.clone(), stop.clone()));
    let (hub, mail, mailboxes, stop) = (house.hub.clone(), config.mail.clone(), house.mailboxes.clone(), stop.clone());
    running.spawn(async move { mail::outbound::run(hub, mailboxes, mail, stop).await });
    Ok(())
}

fn start_work(house: &House, stop: &Stop, running: &mut JoinSet<()>) {
    let (dispatcher, stopping) = (house.dispatcher.clone(), stop.clone());
    running.spawn(async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = dispatcher.run() => {}
        }
    });
    let (hub, live, stopping) = (house.hub.clone(), house.live.clone(), stop.clone());
    running.spawn(async move { live.run(&hub, stopping).await });
    let (runner, stopping) = (house.runner.clone(), stop.clone());
    running.spawn(async move { runner.run(stopping).await });
    for task in &house.tasks {
        let (hub, task, stop) = (house.hub.clone(), task.clone(), stop.clone());
        running.spawn(async move { jobs::lease::hold(&hub, task.as_ref(), stop).await });
    }
    let (hub, stopping) = (house.hub.clone(), stop.clone());
    running.spawn(async move { crate::clock::watch(&hub, stopping).await });
}

/// Says where the hub is, and how its first administrator comes in.
async fn greet(config: &Config, hub: &Hub, address: SocketAddr) -> anyhow::Result<()> {
    println!("Guildhall {} serves {} at http://{address}", env!("CARGO_PKG_VERSION"), hub.settings.name);
    println!("Data: {}", hub.settings.data.display());
    if config.mail.smarthost.is_none() {
        println!("No mail leaves: [mail] names no smarthost. The queue is at {}", hub.url("/admin/mail"));
    }
    if config.accounts.is_some() && accounts::setup::is_needed(hub).await? {
        println!("Set up the first administrator: {}", accounts::setup::link(hub).await?);
    }
    Ok(())
}

async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

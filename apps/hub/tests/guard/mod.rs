//! What attackers try at every address of the hub: the tests that `docs/admin/security.md` names.

mod answers;
mod forms;
mod outward;
mod page;
mod paths;
mod sessions;
mod words;

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request, header};
use testkit::{Browser, Reply, TestHub};

use crate::plans::everything;

/// A hub with all modules, whose routes are the ones that the program serves.
pub(crate) async fn whole() -> TestHub {
    let modules = everything().into_iter().chain([extra as fn(&kernel::Hub) -> plug::Module]);
    let hub = TestHub::with(modules).await;
    tracker::prepare(&hub.hub, &tracker::Config::default()).await.expect("a tracker");
    site::prepare(&hub.hub, &site::Config::default()).await.expect("the manual");
    hub
}

/// What `serve` adds beside the modules.
fn extra(_: &kernel::Hub) -> plug::Module {
    plug::Module { routes: web::live::routes(), ..plug::Module::new("live", "/live") }
}

/// Every path of every module, as it is routed: `/issues/{a}/follow`.
pub(crate) fn routes(hub: &TestHub) -> BTreeSet<String> {
    let made = everything().into_iter().map(|make| make(&hub.hub).routes);
    let shown: String = made.chain([web::assets::routes(), web::live::routes()]).map(|r| format!("{r:?}")).collect();
    // A router shows its paths as `RouteId(3): "/issues"`.
    let pieces = shown.split("RouteId(").filter_map(|piece| piece.split_once("): \"")?.1.split('"').next());
    let routes: BTreeSet<String> = pieces.filter(|path| path.starts_with('/')).map(str::to_owned).collect();
    let routes: BTreeSet<String> = routes.into_iter().filter(|path| !path.contains("__private")).collect();
    assert!(routes.len() > 150, "a router no longer shows its paths: {routes:?}");
    routes
}

/// A route with `word` in each place that varies.
pub(crate) fn filled(route: &str, word: &str) -> String {
    let mut path = String::new();
    for piece in route.split_inclusive('}') {
        path += piece.split('{').next().unwrap_or_default();
        if piece.contains('{') {
            path += word;
        }
    }
    path
}

/// Asks as a program does: the answer is a sentence, not a page around it.
async fn ask(browser: &Browser, method: Method, path: &str, kind: &str, body: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
    browser.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

const FORM: &str = "application/x-www-form-urlencoded";

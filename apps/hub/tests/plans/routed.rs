//! Which route an address belongs to, and that every route has one in `pages.rs`.

use std::collections::BTreeSet;

use super::pages::{LEADING, PAGES};

/// Routes that answer GET and read no rows of a page, each with its reason.
const OTHERS: &[(&str, &str)] = &[
    ("/static/{hash}/{*name}", "files of the theme, which are in the program"),
    ("/live", "a stream without end; it asks for what the page around it asked for"),
    ("/chat/{network}/{channel}/live", "a stream without end, of the lines that its day shows"),
];

/// How well a piece of a path fits a piece of a route: less is better, as the router has it.
fn piece(route: &str, piece: &str) -> Option<u8> {
    let Some((before, rest)) = route.split_once('{') else { return (route == piece).then_some(0) };
    let (_, after) = rest.split_once('}')?;
    let inner = piece.strip_prefix(before)?.strip_suffix(after)?;
    let is_bare = before.is_empty() && after.is_empty();
    (!inner.is_empty()).then_some(if is_bare { 2 } else { 1 })
}

/// The same of a whole path.
fn fit(route: &str, path: &str) -> Option<Vec<u8>> {
    let (mut pieces, mut how) = (path.split('/'), vec![]);
    for wanted in route.split('/') {
        if wanted.starts_with("{*") {
            return pieces.next().filter(|piece| !piece.is_empty()).map(|_| [how, vec![3]].concat());
        }
        how.push(piece(wanted, pieces.next()?)?);
    }
    pieces.next().is_none().then_some(how)
}

/// The route that answers an address.
fn route_of<'a>(routes: &'a BTreeSet<String>, address: &str) -> Option<&'a str> {
    let path = address.split('?').next().unwrap_or_default();
    let fits = routes.iter().filter_map(|route| Some((fit(route, path)?, route.as_str())));
    fits.min().map(|(_, route)| route)
}

#[tokio::test]
async fn every_page_is_looked_at() {
    let hub = crate::guard::whole().await;
    let routes = crate::guard::routes(&hub);
    let visitor = hub.stranger();
    let mut unseen = vec![];
    let addresses = || PAGES.iter().map(|(_, path)| *path).chain(LEADING.iter().copied());
    let seen: BTreeSet<&str> = addresses().filter_map(|address| route_of(&routes, address)).collect();
    for route in routes.iter().map(String::as_str) {
        let is_other = OTHERS.iter().any(|(other, _)| *other == route);
        if is_other || seen.contains(route) {
            assert!(!(is_other && seen.contains(route)), "{route} is looked at, so it is no exception");
        } else if visitor.get(&crate::guard::filled(route, "1")).await.status != 405 {
            unseen.push(route);
        }
    }
    assert!(unseen.is_empty(), "no address of `pages.rs` belongs to these routes:\n{}", unseen.join("\n"));
    let lost: Vec<&str> = addresses().filter(|address| route_of(&routes, address).is_none()).collect();
    assert!(lost.is_empty(), "no route answers these addresses of `pages.rs`:\n{}", lost.join("\n"));
    let gone: Vec<&str> = OTHERS.iter().map(|(route, _)| *route).filter(|route| !routes.contains(*route)).collect();
    assert!(gone.is_empty(), "exceptions that are no routes: {gone:?}");
}

#[test]
fn an_address_belongs_to_the_route_that_names_most_of_it() {
    let routes: BTreeSet<String> =
        ["/issues/", "/issues/{a}", "/issues/{a}/", "/issues/new", "/issue{number}", "/docs/{*path}", "/docs/"]
            .map(str::to_owned)
            .into();
    for (address, route) in [
        ("/issues/?q=a/b", Some("/issues/")),
        ("/issues/new", Some("/issues/new")),
        ("/issues/12", Some("/issues/{a}")),
        ("/issues/website/", Some("/issues/{a}/")),
        ("/issue12", Some("/issue{number}")),
        ("/issue", None),
        ("/docs/a/b", Some("/docs/{*path}")),
        ("/docs/", Some("/docs/")),
        ("/other", None),
    ] {
        assert_eq!(route_of(&routes, address), route, "{address}");
    }
}

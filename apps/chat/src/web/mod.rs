//! The pages of the chat: channels, days, the live tail.

mod channel;
mod day;
mod feed;
mod live;
mod shown;
pub mod url;

pub use live::Heads;
pub(crate) use shown::plain;

use axum::Router;
use axum::routing::get;

use crate::Chat;

/// All routes.
pub fn routes(chat: Chat) -> Router {
    Router::new()
        .route("/chat/", get(channel::list))
        .route("/chat/.atom", get(feed::all))
        .route("/chat/{network}/{channel}/.atom", get(feed::one))
        .route("/chat/{network}/{channel}/", get(channel::show))
        .route("/chat/{network}/{channel}/live", get(live::tail))
        .route("/chat/{network}/{channel}/{day}", get(day::show))
        .with_state(chat)
}

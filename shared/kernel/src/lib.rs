//! What every part of the hub is handed: the store, the clock, the settings and the templates.
//!
//! Begin with [`Hub`]. It knows nothing of mail, people or any app; the clock is here so that time is a parameter
//! everywhere (tests move it by hand).

mod budget;
mod guests;
mod hub;
pub mod overlay;
mod settings;
mod templates;
pub mod theme;

pub use budget::{Budget, Held};
pub use guests::{Guests, Seat, Told};
pub use hub::Hub;
pub use settings::Settings;
pub use templates::{Rendered, TemplateError, Templates, ago, exact};
pub use theme::{Asset, Theme};

pub use store::Clock;
pub use tera::{Context, Value};

/// A template context from pairs: `context! { issue, title: "Issues" }`.
#[macro_export]
macro_rules! context {
    (@one $context:ident, $key:ident : $value:expr) => { $context.insert(stringify!($key), &$value); };
    (@one $context:ident, $key:ident) => { $context.insert(stringify!($key), &$key); };
    ($($key:ident $(: $value:expr)?),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut context = $crate::Context::new();
        $( $crate::context!(@one context, $key $(: $value)?); )*
        context
    }};
}

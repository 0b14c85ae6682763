//! One target a file; its name is that of its folder in `corpus`.

/// Declares the modules and the table of all targets.
macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*
        /// Every target with its name.
        pub const ALL: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run)),*];
    };
}

targets! {
    address,
    autolink,
    config,
    dns,
    export,
    history,
    hook,
    inventory,
    irc,
    markdown,
    mbox,
    message,
    mime,
    page,
    query,
    rst,
    smtp,
    trace,
    tracker_mail,
    verp,
    web,
}

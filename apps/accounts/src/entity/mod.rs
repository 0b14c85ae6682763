//! The tables of accounts.
pub mod audit;
pub mod oidc_client;
pub mod oidc_code;
pub mod oidc_consent;
pub mod oidc_key;
pub mod oidc_token;
pub mod password;
pub mod ticket;

//! The tables of people. Other owners may refer to `user` and `participant` by foreign key; only this crate writes them.
pub mod group_member;
pub mod participant;
pub mod role_grant;
pub mod token;
pub mod user;
pub mod user_email;
pub mod user_group;

//! Stories of the whole system. Each file is a story or a few of one kind; each story runs with the
//! hub on SQLite and on PostgreSQL, unless its hub's database plays no part.

/// Has a story told with the hub on either database.
macro_rules! on_both_databases {
    ($($(#[$about:meta])* $story:ident)+) => {
        $(
            $(#[$about])*
            mod $story {
                use tests::{Backend, bounded};

                #[tokio::test]
                async fn on_sqlite() {
                    bounded(super::$story(Backend::Sqlite)).await;
                }

                #[tokio::test]
                async fn on_postgresql() {
                    bounded(super::$story(Backend::Postgres)).await;
                }
            }
        )+
    };
}

mod accounts;
mod alerts;
mod audit;
mod away_and_back;
mod browser;
mod bulletins;
mod citizens;
mod convergence;
mod exit;
mod faults;
mod feed_only_member;
mod forged_events;
mod hostile_requests;
mod keys;
mod killed_under_load;
mod kinds;
mod probes;
mod quarantine;
mod ranking;
mod readership;
mod rebuild;
mod recall;
mod road_of_an_article;
mod rolled_back;
mod royalties;
mod screening;
mod search;
mod single_sign_on;
mod stand_in;
mod suspended_member;
mod units_over_time;
mod uploads;

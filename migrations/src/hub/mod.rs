//! The tables only the provincial server has.

mod m0001_registry;
mod m0002_feed_import;
mod m0003_feed_reading;
mod m0004_recall;
mod m0007_vault;
mod m0013_accounts;
mod m0018_audit;
mod m0040_standing;
mod m0041_route_targets;
mod m0042_alerts;
mod m0043_stream_ends;
mod m0045_ranking;
mod m0046_reorganisations;
mod m0047_probes;
mod m0048_bulletin_progress;
mod m0049_recall_console;
mod m0050_ranking_letters;

use crate::Change;

pub(crate) fn changes() -> Vec<Change> {
    vec![
        m0001_registry::change(),
        m0002_feed_import::change(),
        m0003_feed_reading::change(),
        m0004_recall::change(),
        m0007_vault::change(),
        m0013_accounts::change(),
        m0018_audit::change(),
        m0040_standing::change(),
        m0041_route_targets::change(),
        m0042_alerts::change(),
        m0043_stream_ends::change(),
        m0045_ranking::change(),
        m0046_reorganisations::change(),
        m0047_probes::change(),
        m0048_bulletin_progress::change(),
        m0049_recall_console::change(),
        m0050_ranking_letters::change(),
    ]
}

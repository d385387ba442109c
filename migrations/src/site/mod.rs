//! The tables every site has.

mod m0001_identity;
mod m0002_log;
mod m0003_entries;
mod m0004_newsroom;
mod m0005_sync;
mod m0006_publications;
mod m0007_recall;
mod m0008_keys;
mod m0009_convergence;
mod m0010_vault;
mod m0011_bounds;
mod m0012_workflow;
mod m0013_accounts;
mod m0014_body;
mod m0015_media;
mod m0016_screening;
mod m0017_kinds;
mod m0018_audit;
mod m0019_runs;
mod m0021_openid;
mod m0023_said_again;
mod m0024_given_at;
mod m0025_readership;
mod m0028_usefulness;
mod m0029_citizens;
mod m0034_search;
mod m0036_voice;
mod m0039_page_revision;
mod m0040_told_cases;
mod m0044_royalties;
mod m0045_verdicts;
mod m0046_units_over_time;
mod m0048_bulletins;
mod m0049_recall_replacement;
mod m0050_own_ranking;
mod m0051_told_accounts;

use crate::Change;

pub(crate) fn changes() -> Vec<Change> {
    vec![
        m0001_identity::change(),
        m0002_log::change(),
        m0003_entries::change(),
        m0004_newsroom::change(),
        m0005_sync::change(),
        m0006_publications::change(),
        m0007_recall::change(),
        m0008_keys::change(),
        m0009_convergence::change(),
        m0010_vault::change(),
        m0011_bounds::change(),
        m0012_workflow::change(),
        m0013_accounts::change(),
        m0014_body::change(),
        m0015_media::change(),
        m0016_screening::change(),
        m0017_kinds::change(),
        m0018_audit::change(),
        m0019_runs::change(),
        m0021_openid::change(),
        m0023_said_again::change(),
        m0024_given_at::change(),
        m0025_readership::change(),
        m0028_usefulness::change(),
        m0029_citizens::change(),
        m0034_search::change(),
        m0036_voice::change(),
        m0039_page_revision::change(),
        m0040_told_cases::change(),
        m0044_royalties::change(),
        m0045_verdicts::change(),
        m0046_units_over_time::change(),
        m0048_bulletins::change(),
        m0049_recall_replacement::change(),
        m0050_own_ranking::change(),
        m0051_told_accounts::change(),
    ]
}

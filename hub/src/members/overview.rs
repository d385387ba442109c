//! How all members are at one moment, read in a number of questions that does not grow with theirs.

use super::note;
use super::silence::{self, Silence};
use crate::bulletins::outages;
use crate::feed_import::source::{self, Purpose};
use crate::ranking::collect::{self, calendar};
use crate::ranking::span::{Kind, Span};
use crate::ranking::version;
use crate::vault;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement};
use shared::citizens::told as told_cases;
use shared::clock::from_millis;
use shared::directory::{contact_record, site_record};
use shared::error::Result;
use shared::pages::link_health::{self, Observed};
use shared::pages::view::LinkState;
use shared::readership::counts::Figures;
use shared::readership::record as readership;
use shared::site::Site;
use shared::sync::backlog::{self, Receiver, Waiting};
use shared::sync::cursor::{self, Direction};
use shared::sync::{compare, peer, refusal};
use shared::units::Tree;
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// A clock that is wrong by more than this is told of: requests are refused from a minute ahead on.
pub const SKEW: TimeDelta = TimeDelta::seconds(30);

/// All members, the troubled ones first.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// When the links were looked at.
    pub made_at: DateTime<Utc>,
    /// The members.
    pub members: Vec<Member>,
}

/// One member.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// When this was seen.
    pub seen_at: DateTime<Utc>,
    /// Its site.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// The unit's name as of today.
    pub name: String,
    /// The code of the unit's kind.
    pub kind: String,
    /// Where its portal answers.
    pub base_url: String,
    /// How it takes part.
    pub way: Way,
    /// How its link is.
    pub state: LinkState,
    /// Since when; none where nobody noted that yet.
    pub since: Option<i64>,
    /// When anything was heard of it last; milliseconds.
    pub last_contact: Option<i64>,
    /// What of ours waits for it, in the urgent and the regular lane.
    pub to_member: [Waiting; 2],
    /// How much of its own it said to have and we do not hold.
    pub from_member: i64,
    /// Since when at the latest the oldest of that waits: it was there when we last took something of its lane.
    pub from_member_since: Option<i64>,
    /// What its own feed shows and it did not send.
    pub missing: i64,
    /// Its clock minus ours, milliseconds.
    pub skew: Option<i64>,
    /// That two machines run it at once, in words.
    pub doubled: Option<String>,
    /// How its backups stand; none for a portal that is not ours.
    pub backup: Option<Backup>,
    /// Refused items somebody has to look at, either way.
    pub refused: u64,
    /// How many cases wait for its answer, as it says.
    pub cases: Option<told_cases::Model>,
    /// What it published.
    pub content: Content,
    /// How often its pages are opened, as it says.
    pub views: Option<Figures>,
    /// What comparing with it came to.
    pub compared: Option<compare::record::Model>,
    /// What the province settled about it.
    pub note: note::Model,
    /// Whom to ask there: who answers for it, and the telephone.
    pub contact: Option<contact_record::Model>,
    /// When it is expected back, while it is out of service as was announced; milliseconds.
    pub back_at: Option<i64>,
}

/// How a member takes part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// It is expected.
    #[default]
    Expected,
    /// It speaks the protocol, with this software if it has said so.
    Native(Option<String>),
    /// It is read by its feed.
    Feed,
}

/// How a member's backups stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    /// When the last was made; milliseconds.
    pub at: Option<i64>,
    /// When one was last proved to be whole; milliseconds.
    pub drilled_at: Option<i64>,
    /// Whether somebody has to look.
    pub is_red: bool,
    /// What is wrong, as it says.
    pub wrong: Option<String>,
    /// Whether it says anything of its backups.
    pub is_told: bool,
    /// How large the last one is, as it says.
    pub bytes: u64,
}

/// What a unit published, of everything that is live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The newest: title, address, when (milliseconds).
    pub newest: Option<(String, String, i64)>,
    /// How much this month.
    pub month: i64,
    /// How many articles and notices of that it wrote itself.
    pub originals: i64,
    /// How many of those the scheme of ranking expects of it in a month; none for what is not ranked.
    pub quota: Option<u32>,
    /// How much in the days a rhythm is learned over.
    pub learned: i64,
    /// Whole days since the newest.
    pub silent_days: Option<i64>,
    /// How that is to be taken.
    pub silence: Silence,
    /// What it is to make public in these days and has not yet, each with the day it is due.
    pub to_disclose: Vec<String>,
}

impl Member {
    /// What of ours waits for it, in both lanes.
    pub fn waiting(&self) -> Waiting {
        let [urgent, regular] = self.to_member;
        Waiting {
            items: urgent.items + regular.items,
            oldest: urgent.oldest.into_iter().chain(regular.oldest).min(),
            or_more: urgent.or_more || regular.or_more,
        }
    }

    /// Its clock, if that is so wrong that it matters.
    pub fn wrong_clock(&self) -> Option<TimeDelta> {
        let skew = TimeDelta::milliseconds(self.skew?);
        (skew.abs() > SKEW).then_some(skew)
    }

    /// How many days it may publish nothing.
    pub fn silent_limit(&self) -> i64 {
        self.note.silent_days.unwrap_or(silence::USUAL_LIMIT)
    }
}

/// `nhanh 5 phút`, `chậm 40 giây`.
pub fn wrong_by(skew: TimeDelta) -> String {
    let way = if skew > TimeDelta::zero() {
        "nhanh"
    } else {
        "chậm"
    };
    match skew.abs().num_seconds() {
        seconds @ ..60 => format!("{way} {seconds} giây"),
        _ => format!("{way} {}", vietnamese::ago(skew.abs())),
    }
}

/// What changes slowly and costs more to count: what units published. Counted anew every now and then.
pub type Contents = HashMap<Uuid, Content>;

/// Counts what each unit with a portal has published.
pub async fn contents(site: &Site) -> Result<Contents> {
    let db = site.db.reader();
    let now = site.clock.now();
    let month = begin_of_month(now);
    let learned = (now - TimeDelta::days(silence::LEARNED_OVER)).timestamp_millis();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT u.unit_id, \
           (SELECT e.id FROM entries e WHERE e.unit_id = u.unit_id AND e.state = 'live' \
             ORDER BY e.published_at DESC LIMIT 1), \
           (SELECT COUNT(*) FROM entries e WHERE e.unit_id = u.unit_id AND e.state = 'live' \
             AND e.published_at >= $1), \
           (SELECT COUNT(*) FROM entries e WHERE e.unit_id = u.unit_id AND e.state = 'live' \
             AND e.published_at >= $2), \
           (SELECT COUNT(*) FROM entries e WHERE e.unit_id = u.unit_id AND e.state = 'live' \
             AND e.published_at >= $1 AND e.kind IN ('article', 'notice') AND e.source IS NULL), \
           (SELECT COUNT(*) FROM entries e WHERE e.unit_id = u.unit_id AND e.state = 'live' \
             AND e.published_at >= $1 AND e.kind IN ('article', 'notice')) \
         FROM (SELECT DISTINCT unit_id FROM sites) u",
        [month.into(), learned.into()],
    );
    let mut contents = Contents::new();
    let ranked = ranked(site).await?;
    let mut newest_of: HashMap<i64, Uuid> = HashMap::new();
    for row in db.query_all_raw(statement).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        if let Some(newest) = row.try_get_by_index::<Option<i64>>(1)? {
            newest_of.insert(newest, unit);
        }
        let expected = ranked.get(&unit);
        // What the hub reads from a portal names that portal as its source.
        let originals = match expected {
            Some(Expected { is_feed: true, .. }) => 5,
            _ => 4,
        };
        let content = Content {
            month: row.try_get_by_index(2)?,
            learned: row.try_get_by_index(3)?,
            originals: row.try_get_by_index(originals)?,
            quota: expected.and_then(|expected| expected.quota),
            ..Content::default()
        };
        contents.insert(unit, content);
    }
    let ids: Vec<i64> = newest_of.keys().copied().collect();
    use shared::entries::record::{Column, Entity};
    for some in ids.chunks(10_000) {
        let found: Vec<(i64, String, String, i64)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Title, Column::Url, Column::PublishedAt])
            .filter(Column::Id.is_in(some.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        for (id, title, url, at) in found {
            if let Some(content) = newest_of.get(&id).and_then(|unit| contents.get_mut(unit)) {
                content.newest = Some((title, url, at));
            }
        }
    }
    for (unit, due) in calendar::reminders(site).await? {
        contents.entry(unit).or_default().to_disclose = due;
    }
    Ok(contents)
}

/// What the scheme of ranking expects of a unit.
struct Expected {
    is_feed: bool,
    quota: Option<u32>,
}

/// The units that would be ranked now.
async fn ranked(site: &Site) -> Result<HashMap<Uuid, Expected>> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let span = Span {
        kind: Kind::Month,
        from: today,
        to: today,
    };
    let (scheme, _) = version::current(site.db.reader()).await?;
    let members = collect::members(site, &scheme, &span).await?;
    let expected = members.all.into_iter().map(|member| {
        let group = scheme.group(&member.group);
        let expected = Expected {
            is_feed: member.is_feed,
            quota: group.map(|group| group.quotas.originals),
        };
        (member.unit, expected)
    });
    Ok(expected.collect())
}

fn begin_of_month(now: DateTime<Utc>) -> i64 {
    use chrono::Datelike;
    let today = vietnamese::local(now).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    first
        .and_hms_opt(0, 0, 0)
        .and_then(vietnamese::from_local)
        .map_or(0, |begin| begin.timestamp_millis())
}

/// Looks at all members, with what their units published as it was counted last.
pub async fn look(site: &Site, contents: &Contents) -> Result<Overview> {
    let db = site.db.reader();
    let now = site.clock.now();
    let today = vietnamese::local(now).date_naive();
    let tree = shared::units::tree_on(db, today).await?;
    let sites: Vec<site_record::Model> = site_record::all(db)
        .await?
        .into_iter()
        .filter(|member| member.id != site.id && !member.is_closed())
        .collect();
    let known = Known::read(site, &sites, &tree).await?;
    let mut members: Vec<Member> = sites
        .into_iter()
        .map(|member| known.member(member, &tree, contents, now))
        .collect();
    members.sort_by_cached_key(|member| (rank(member.state), vietnamese::fold(&member.name)));
    Ok(Overview {
        made_at: now,
        members,
    })
}

/// The troubled ones come first.
fn rank(state: LinkState) -> u8 {
    match state {
        LinkState::Lost => 0,
        LinkState::Late => 1,
        LinkState::New => 2,
        LinkState::Online => 3,
        LinkState::Paused => 4,
    }
}

/// What a member said to have and we do not hold.
#[derive(Clone, Copy, Default)]
struct Behind {
    items: i64,
    since: Option<i64>,
}

/// All that is known of all members, by site.
struct Known {
    peers: HashMap<Uuid, peer::Model>,
    behind: HashMap<Uuid, Behind>,
    waiting: HashMap<Uuid, [Waiting; 2]>,
    sources: HashMap<Uuid, Vec<source::Model>>,
    vaults: HashMap<Uuid, vault::record::Model>,
    refused: HashMap<Uuid, u64>,
    cases: HashMap<Uuid, told_cases::Model>,
    views: HashMap<Uuid, Figures>,
    compared: HashMap<Uuid, compare::record::Model>,
    notes: HashMap<Uuid, note::Model>,
    contacts: HashMap<Uuid, contact_record::Model>,
    back: HashMap<Uuid, i64>,
}

impl Known {
    async fn read(site: &Site, sites: &[site_record::Model], tree: &Tree) -> Result<Self> {
        let db = site.db.reader();
        let today = vietnamese::local(site.clock.now()).date_naive();
        let peers: HashMap<Uuid, peer::Model> = peer::all(db)
            .await?
            .into_iter()
            .map(|peer| (peer.site_id, peer))
            .collect();
        let receivers: Vec<Receiver> = sites
            .iter()
            .filter(|member| peers.contains_key(&member.id))
            .map(|member| Receiver {
                site: member.id,
                unit: member.unit_id,
            })
            .collect();
        let mut behind: HashMap<Uuid, Behind> = HashMap::new();
        for cursor in cursor::all(db, Direction::In).await? {
            let items = (cursor.head - cursor.position).max(0);
            if items > 0 {
                let known = behind.entry(cursor.site_id).or_default();
                known.items += items;
                let since = known.since.into_iter().chain([cursor.updated_at]);
                known.since = since.min();
            }
        }
        let mut sources: HashMap<Uuid, Vec<source::Model>> = HashMap::new();
        for source in source::Entity::find().all(db).await? {
            sources.entry(source.site_id).or_default().push(source);
        }
        let vaults = vault::record::all(db).await?;
        let compared = compare::record::all(db).await?;
        Ok(Self {
            waiting: backlog::of_all(db, site.stream_id(), &receivers, tree).await?,
            peers,
            behind,
            sources,
            vaults: vaults.into_iter().map(|one| (one.site_id, one)).collect(),
            refused: refusal::count_by_site(db).await?,
            cases: told_cases::all(db).await?,
            views: readership::month_by_site(db, today).await?,
            compared: compared.into_iter().map(|one| (one.site_id, one)).collect(),
            notes: note::all(db).await?,
            contacts: contact_record::all(db).await?,
            back: outages::by_unit(db, site.clock.now().timestamp_millis()).await?,
        })
    }

    fn member(
        &self,
        member: site_record::Model,
        tree: &Tree,
        contents: &Contents,
        now: DateTime<Utc>,
    ) -> Member {
        let id = member.id;
        let unit = tree.get(member.unit_id);
        let note = self.notes.get(&id).cloned().unwrap_or_default();
        let mut found = Member {
            seen_at: now,
            site: id,
            unit: member.unit_id,
            name: tree.name_of(member.unit_id),
            kind: unit.map(|unit| unit.kind.clone()).unwrap_or_default(),
            refused: self.refused.get(&id).copied().unwrap_or_default(),
            cases: self.cases.get(&id).cloned(),
            views: self.views.get(&id).copied(),
            compared: self.compared.get(&id).cloned(),
            contact: self.contacts.get(&id).cloned(),
            back_at: self.back.get(&member.unit_id).copied(),
            content: contents.get(&member.unit_id).cloned().unwrap_or_default(),
            note,
            ..Member::default()
        };
        if let Some(peer) = self.peers.get(&id) {
            self.native(&mut found, peer, now);
        } else if member.is_feed() {
            self.feed(&mut found);
        }
        found.base_url = member.base_url;
        take_silence(&mut found, now);
        found
    }

    fn native(&self, found: &mut Member, peer: &peer::Model, now: DateTime<Utc>) {
        let id = peer.site_id;
        found.way = Way::Native(peer.version.clone());
        found.last_contact = peer.last_contact_at;
        found.to_member = self.waiting.get(&id).copied().unwrap_or_default();
        let behind = self.behind.get(&id).copied().unwrap_or_default();
        (found.from_member, found.from_member_since) = (behind.items, behind.since);
        found.missing = self.missing(id);
        found.skew = peer.clock_skew_ms;
        found.doubled = link_health::doubled(peer);
        found.backup = Some(self.backup(id, now));
        let grace = found.note.grace_seconds.map(TimeDelta::seconds);
        let oldest = found.waiting().oldest.map(from_millis);
        let observed = Observed::of(peer, oldest, grace);
        found.state = link_health::judge(&observed, now);
    }

    /// What a member's own feed shows beyond what it sent.
    fn missing(&self, id: Uuid) -> i64 {
        let checks = self.sources.get(&id).into_iter().flatten();
        checks
            .filter(|source| source.purpose == Purpose::Check.as_str())
            .map(|source| source.missed)
            .sum()
    }

    /// A portal read by feed is as well as its last reading.
    fn feed(&self, found: &mut Member) {
        found.way = Way::Feed;
        let sources = self.sources.get(&found.site).map_or(&[][..], Vec::as_slice);
        found.last_contact = sources
            .iter()
            .filter_map(|source| source.succeeded_at)
            .max();
        let fails = sources.iter().any(|source| source.failures > 0);
        found.state = match (found.last_contact, fails) {
            (None, _) => LinkState::New,
            (Some(_), true) => LinkState::Late,
            (Some(_), false) => LinkState::Online,
        };
    }

    /// When a snapshot last came by our own clock, and the rest by the member's word.
    fn backup(&self, id: Uuid, now: DateTime<Utc>) -> Backup {
        let known = self.vaults.get(&id);
        let came = known.and_then(|known| known.snapshot_at);
        let Some(report) = known.and_then(vault::record::Model::report) else {
            return Backup {
                at: came,
                is_red: true,
                ..Backup::default()
            };
        };
        let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        Backup {
            at: came.max(millis(report.backup.good_at)),
            drilled_at: millis(report.drill.good_at),
            is_red: report.is_red(now),
            wrong: [&report.backup, &report.check, &report.drill]
                .into_iter()
                .filter(|standing| standing.failed_at.is_some())
                .find_map(|standing| standing.detail.clone()),
            is_told: true,
            bytes: report.bytes,
        }
    }
}

fn take_silence(found: &mut Member, now: DateTime<Utc>) {
    let limit = found.silent_limit();
    let content = &mut found.content;
    let Some((_, _, newest)) = &content.newest else {
        return;
    };
    let days = silence::days_since(from_millis(*newest), now);
    content.silent_days = Some(days);
    content.silence = silence::judge(days, content.learned, limit);
}

//! Watching all members while the hub runs: how each is, what changed, and since when.
//!
//! Whoever looks at a page of members shares one look at the database, however many they are.

use super::history::{self, Kind, News, watch_time};
use super::overview::{self, Contents, Member, Overview, Way};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use shared::background;
use shared::clock::from_millis;
use shared::error::Result;
use shared::pages::link_health;
use shared::pages::view::LinkState;
use shared::server::Shutdown;
use shared::site::Site;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

/// How often the links are looked at.
const PAUSE: Duration = Duration::from_secs(5);
/// How long what units published may be counted ago.
const COUNTED: TimeDelta = TimeDelta::seconds(60);
/// How often it is noted that somebody watches.
const NOTED: TimeDelta = TimeDelta::seconds(60);

/// A clock that went wrong; the detail says by how many seconds.
pub const WRONG: &str = "wrong";
/// A clock that is right again.
pub const RIGHT: &str = "right";

/// The look at all members that everybody shares.
#[derive(Clone)]
pub struct Watch {
    shown: watch::Sender<Arc<Overview>>,
    course: Arc<Mutex<Option<Course>>>,
    shutdown: Shutdown,
}

/// What the watch remembers from one look to the next.
struct Course {
    before: Before,
    contents: Contents,
    counted_at: DateTime<Utc>,
    began_at: DateTime<Utc>,
    span: i64,
    noted_at: DateTime<Utc>,
}

impl Watch {
    /// A watch that ends, with whoever follows it, at `shutdown`.
    pub fn until(shutdown: Shutdown) -> Self {
        Self {
            shown: watch::Sender::new(Arc::default()),
            course: Arc::default(),
            shutdown,
        }
    }

    /// Looks again and again.
    pub async fn keep(self, site: Arc<Site>) {
        let shutdown = self.shutdown.clone();
        background::every(PAUSE, shutdown, move || {
            let (watch, site) = (self.clone(), Arc::clone(&site));
            async move { watch.look(&site).await.map(drop) }
        })
        .await;
    }

    /// Looks now, notes what changed, and shows it to whoever follows.
    pub async fn look(&self, site: &Arc<Site>) -> Result<Arc<Overview>> {
        let mut held = self.course.lock().await;
        let now = site.clock.now();
        let course = match held.as_mut() {
            Some(course) => course,
            None => held.insert(Course::begin(site, now).await?),
        };
        if now - course.counted_at > COUNTED || now < course.counted_at {
            course.contents = overview::contents(site).await?;
            course.counted_at = now;
        }
        let mut seen = overview::look(site, &course.contents).await?;
        course.before.carry_over(&mut seen, course.began_at);
        let mut before = course.before.clone();
        let news = before.news(&seen.members, now.timestamp_millis());
        let is_due = now - course.noted_at > NOTED;
        if is_due || !news.is_empty() {
            let (span, at) = (course.span, now.timestamp_millis());
            let noted = news.clone();
            site.db
                .write(move |tx| {
                    Box::pin(async move {
                        watch_time::go_on(tx, span, at).await?;
                        history::note(tx, &noted, at).await
                    })
                })
                .await?;
            course.noted_at = now;
            course.before = before;
        }
        for member in &mut seen.members {
            let noted = course.before.states.get(&member.site);
            member.since = noted.map(|(_, since)| *since);
        }
        let seen = Arc::new(seen);
        self.shown.send_replace(Arc::clone(&seen));
        Ok(seen)
    }

    /// What was seen last; looks first if nobody has.
    pub async fn seen(&self, site: &Arc<Site>) -> Result<Arc<Overview>> {
        let seen = Arc::clone(&self.shown.borrow());
        match seen.made_at == DateTime::<Utc>::default() {
            true => self.look(site).await,
            false => Ok(seen),
        }
    }

    /// Every look from now on.
    pub fn follow(&self) -> Follower {
        Follower {
            looks: self.shown.subscribe(),
            shutdown: self.shutdown.clone(),
        }
    }
}

/// Somebody who sees every look.
pub struct Follower {
    looks: watch::Receiver<Arc<Overview>>,
    shutdown: Shutdown,
}

impl Follower {
    /// Takes what there is for seen.
    pub fn skip(&mut self) {
        self.looks.mark_unchanged();
    }

    /// The next look; none once the hub stops, which waits for nobody who only looks.
    pub async fn next(&mut self) -> Option<Arc<Overview>> {
        tokio::select! {
            () = self.shutdown.wait() => None,
            changed = self.looks.changed() => {
                changed.ok()?;
                Some(Arc::clone(&self.looks.borrow_and_update()))
            }
        }
    }
}

impl Course {
    async fn begin(site: &Site, now: DateTime<Utc>) -> Result<Self> {
        let at = now.timestamp_millis();
        let begin = site.db.write(move |tx| Box::pin(watch_time::begin(tx, at)));
        Ok(Self {
            span: begin.await?,
            before: Before::read(site.db.reader()).await?,
            contents: overview::contents(site).await?,
            counted_at: now,
            began_at: now,
            noted_at: now,
        })
    }
}

/// What was noted of members, against which the next look is held.
#[derive(Clone, Debug, Default)]
struct Before {
    /// Their states, and since when (milliseconds).
    states: HashMap<Uuid, (LinkState, i64)>,
    /// Their versions.
    versions: HashMap<Uuid, String>,
    /// Whose clock was wrong.
    clocks: HashMap<Uuid, bool>,
}

impl Before {
    /// As it was noted last.
    async fn read<C: ConnectionTrait>(db: &C) -> Result<Self> {
        let values = |found: HashMap<Uuid, (String, i64)>| {
            found.into_iter().map(|(site, (value, _))| (site, value))
        };
        let states = history::latest(db, Kind::State).await?.into_iter();
        let versions = values(history::latest(db, Kind::Version).await?);
        let clocks = values(history::latest(db, Kind::Clock).await?);
        Ok(Self {
            states: states
                .filter_map(|(site, (code, since))| {
                    Some((site, (history::state_of(&code)?, since)))
                })
                .collect(),
            versions: versions.collect(),
            clocks: clocks.map(|(site, value)| (site, value == WRONG)).collect(),
        })
    }

    /// A hub that was off heard of nobody meanwhile, which is nobody's fault but its own: until a member's grace has
    /// passed since the watch `began`, it is as it was.
    fn carry_over(&self, seen: &mut Overview, began: DateTime<Utc>) {
        for member in &mut seen.members {
            let grace = link_health::grace(member.note.grace_seconds.map(TimeDelta::seconds));
            let unheard = member
                .last_contact
                .is_some_and(|at| from_millis(at) < began);
            let is_judged = matches!(member.state, LinkState::Late | LinkState::Lost);
            if unheard && is_judged && seen.made_at - began <= grace {
                let before = self.states.get(&member.site);
                member.state = before.map_or(member.state, |(state, _)| *state);
            }
        }
    }

    /// What is news in `members`; known from now on.
    fn news(&mut self, members: &[Member], now: i64) -> Vec<News> {
        let mut news = Vec::new();
        for member in members {
            let mut note = |kind, value: &str, detail: Option<String>| {
                news.push(News {
                    site: member.site,
                    kind,
                    value: value.to_owned(),
                    detail,
                });
            };
            let before = self.states.get(&member.site).map(|(state, _)| *state);
            if before != Some(member.state) {
                self.states.insert(member.site, (member.state, now));
                note(Kind::State, history::code_of(member.state), None);
            }
            if let Way::Native(Some(version)) = &member.way {
                let before = self.versions.insert(member.site, version.clone());
                if before.as_ref() != Some(version) {
                    note(Kind::Version, version, before);
                }
            }
            let wrong = member.wrong_clock();
            let before = self.clocks.insert(member.site, wrong.is_some());
            if before.unwrap_or_default() != wrong.is_some() {
                let value = if wrong.is_some() { WRONG } else { RIGHT };
                let detail = wrong.map(|skew| skew.num_seconds().to_string());
                note(Kind::Clock, value, detail);
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(number: u128, state: LinkState, last_contact: i64) -> Member {
        Member {
            site: Uuid::from_u128(number),
            state,
            last_contact: Some(last_contact),
            way: Way::Native(Some("0.1.0".to_owned())),
            ..Member::default()
        }
    }

    #[test]
    fn what_changed_is_told_once() {
        let mut before = Before::default();
        let told = |before: &mut Before, member: Member| -> Vec<(Kind, String)> {
            let news = before.news(&[member], 0).into_iter();
            news.map(|news| (news.kind, news.value)).collect()
        };
        let online = member(1, LinkState::Online, 0);
        assert_eq!(
            told(&mut before, online.clone()),
            [
                (Kind::State, "online".to_owned()),
                (Kind::Version, "0.1.0".to_owned())
            ]
        );
        assert_eq!(told(&mut before, online.clone()), []);
        let upgraded = Member {
            way: Way::Native(Some("0.2.0".to_owned())),
            skew: Some(-40_000),
            ..member(1, LinkState::Late, 0)
        };
        assert_eq!(
            told(&mut before, upgraded.clone()),
            [
                (Kind::State, "late".to_owned()),
                (Kind::Version, "0.2.0".to_owned()),
                (Kind::Clock, WRONG.to_owned())
            ]
        );
        let right = Member {
            skew: Some(900),
            ..upgraded
        };
        assert_eq!(told(&mut before, right), [(Kind::Clock, RIGHT.to_owned())]);
    }

    #[test]
    fn a_hub_that_was_off_blames_nobody_before_everybody_could_greet_it() {
        let began = from_millis(10_000_000);
        let before = Before {
            states: HashMap::from([
                (Uuid::from_u128(1), (LinkState::Online, 0)),
                (Uuid::from_u128(2), (LinkState::Lost, 0)),
            ]),
            ..Before::default()
        };
        let seen_after = |seconds: i64| {
            let mut seen = Overview {
                made_at: began + TimeDelta::seconds(seconds),
                members: vec![
                    member(1, LinkState::Lost, 0),
                    member(2, LinkState::Lost, 0),
                    member(3, LinkState::Late, 0),
                    member(4, LinkState::Late, 10_000_001),
                ],
            };
            before.carry_over(&mut seen, began);
            seen.members
                .into_iter()
                .map(|member| member.state)
                .collect::<Vec<_>>()
        };
        use LinkState::{Late, Lost, Online};
        assert_eq!(seen_after(5), [Online, Lost, Late, Late]);
        assert_eq!(seen_after(151), [Lost, Lost, Late, Late]);
    }
}

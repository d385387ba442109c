//! Operations entered, carried out on their day, and withdrawn before it.

use super::operation::Operation;
use super::plan::{self, Plan, Planned, Units};
use super::stored::{self, State};
use crate::members::registry;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, Set};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::background;
use shared::citizens::{case, handover, tip_office};
use shared::directory::{self, site_record};
use shared::error::{Error, Result};
use shared::server::Shutdown;
use shared::site::Site;
use shared::units::attribute;
use shared::vietnamese;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked whether the day of one has come.
const ROUND: Duration = Duration::from_secs(30);
/// What is said of one that would not do what was shown.
const CHANGED: &str =
    "Danh sách đơn vị đã thay đổi sau khi lập; việc sẽ làm không còn như lúc xem trước.";

/// What `operation` would change as things are, or why it cannot be carried out.
pub async fn look<C: ConnectionTrait>(db: &C, operation: &Operation) -> Result<Planned<Plan>> {
    let mut units = Units::new();
    for row in attribute::all(db).await? {
        let unit = row.unit_id;
        units.entry(unit).or_default().push(row.told()?);
    }
    let sites = site_record::all(db).await?;
    Ok(plan::plan(operation, &units, &sites))
}

/// Enters `operation` as it was shown: `seen` is the mark of the plan. It is carried out at once if its day has come.
pub async fn enter(
    site: &Arc<Site>,
    operation: Operation,
    seen: &str,
    by: &str,
    actor: &Actor,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let (inner, seen, by, actor) = (
        Arc::clone(site),
        seen.to_owned(),
        by.to_owned(),
        actor.clone(),
    );
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let planned = look(tx, &operation).await?;
                let plan = planned.map_err(|refusal| Error::Conflict(refusal.to_string()))?;
                if plan.mark(&operation)? != seen {
                    return Err(Error::Conflict(CHANGED.to_owned()));
                }
                let now = inner.clock.now();
                let json = |value: serde_json::Result<String>| value.map_err(anyhow::Error::new);
                stored::ActiveModel {
                    id: Set(id),
                    kind: Set(operation.kind.as_str().to_owned()),
                    effective_on: Set(operation.effective_on.to_string()),
                    basis: Set(operation.basis.trim().to_owned()),
                    operation: Set(json(serde_json::to_string(&operation))?),
                    plan: Set(json(serde_json::to_string(&plan))?),
                    state: Set(State::Planned.as_str().to_owned()),
                    note: Set(None),
                    entered_by: Set(by),
                    entered_at: Set(now.timestamp_millis()),
                    settled_at: Set(None),
                }
                .insert(tx)
                .await?;
                note(tx, &actor, Action::ReorganisationEntered, id, &inner).await?;
                if operation.effective_on <= vietnamese::local(now).date_naive() {
                    take_effect(tx, &inner, id, &plan, &actor).await?;
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(id)
}

/// Withdraws an operation whose day has not come, or that waits for somebody to look.
pub async fn withdraw(site: &Arc<Site>, id: Uuid, actor: &Actor) -> Result<()> {
    let (inner, actor) = (Arc::clone(site), actor.clone());
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now().timestamp_millis();
                let open = [State::Planned, State::Held];
                if !stored::settle(tx, id, &open, State::Withdrawn, None, now).await? {
                    let why = "Lần sắp xếp này đã có hiệu lực nên không rút được. Hãy lập một lần sắp xếp mới.";
                    return Err(Error::Conflict(why.to_owned()));
                }
                note(tx, &actor, Action::ReorganisationWithdrawn, id, &inner).await
            })
        })
        .await
}

/// Carries out on their day those entered before it, until `shutdown`.
pub async fn keep(site: Arc<Site>, shutdown: Shutdown) {
    background::every(ROUND, shutdown, move || {
        let site = Arc::clone(&site);
        async move { round(&site).await.map(|_| ()) }
    })
    .await;
}

/// Carries out those whose day has come. How many were.
pub async fn round(site: &Arc<Site>) -> Result<usize> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let mut done = 0;
    for due in stored::due(site.db.reader(), today).await? {
        let inner = Arc::clone(site);
        let carried_out = site
            .db
            .write(move |tx| Box::pin(async move { on_its_day(tx, &inner, &due).await }))
            .await?;
        done += usize::from(carried_out);
    }
    if done > 0 {
        site.wake();
    }
    Ok(done)
}

/// Carries out one whose day has come, if it would still do what was shown.
async fn on_its_day(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    due: &stored::Model,
) -> Result<bool> {
    let operation = due.operation()?;
    let shown = due.plan()?.mark(&operation)?;
    let reason = match look(tx, &operation).await? {
        Ok(plan) if plan.mark(&operation)? == shown => {
            return take_effect(tx, site, due.id, &plan, &Actor::System).await;
        }
        Ok(_) => CHANGED.to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    let now = site.clock.now().timestamp_millis();
    if stored::settle(
        tx,
        due.id,
        &[State::Planned],
        State::Held,
        Some(reason),
        now,
    )
    .await?
    {
        note(tx, &Actor::System, Action::ReorganisationHeld, due.id, site).await?;
    }
    Ok(false)
}

/// Does all that `plan` says, and tells everybody. Whether it was still to be done.
async fn take_effect(
    tx: &DatabaseTransaction,
    site: &Arc<Site>,
    id: Uuid,
    plan: &Plan,
    actor: &Actor,
) -> Result<bool> {
    let now = site.clock.now().timestamp_millis();
    if !stored::settle(tx, id, &[State::Planned], State::Done, None, now).await? {
        return Ok(false);
    }
    for change in &plan.units {
        attribute::replace(tx, change.unit, &change.result).await?;
    }
    for archive in &plan.archives {
        let mut record = site_of(tx, archive.site).await?;
        record.state = directory::State::Closed.as_str().to_owned();
        record.base_url.clone_from(&archive.at);
        record.described_at = now;
        site_record::put(tx, record.clone()).await?;
        audit::record(
            tx,
            actor,
            Action::MemberArchived,
            Subject::site(&record),
            now,
        )
        .await?;
    }
    for moved in &plan.moves {
        let mut record = site_of(tx, moved.site).await?;
        record.base_url.clone_from(&moved.at);
        record.title.clone_from(&moved.title);
        record.described_at = now;
        site_record::put(tx, record).await?;
    }
    for described in plan.described() {
        let record = site_of(tx, described).await?;
        registry::describe(tx, site, &record).await?;
    }
    hand_over(tx, site, plan).await?;
    note(tx, actor, Action::ReorganisationDone, id, site).await?;
    Ok(true)
}

async fn site_of(tx: &DatabaseTransaction, id: Uuid) -> Result<site_record::Model> {
    site_record::find(tx, id).await?.ok_or(Error::NotFound)
}

/// What was asked elsewhere of the units that are no more, and the offices that read tips there, go to those that
/// took over. What was asked at their own sites these hand over themselves.
async fn hand_over(tx: &DatabaseTransaction, site: &Arc<Site>, plan: &Plan) -> Result<()> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let listed = tip_office::all(tx).await?;
    let mut offices = listed.clone();
    for handover in &plan.handed_over {
        let (from, to) = (handover.from, handover.to);
        offices = tip_office::moved(offices, from, to);
        let names = shared::units::some_on(tx, today, &[from, to]).await?;
        let words = handover::reason(&names.name_of(from), &names.name_of(to));
        for one in case::open_from_elsewhere(tx, from).await? {
            let said = handover::passing_on(one.kind(), to, &words);
            case::say(tx, site, one.id, said).await?;
        }
    }
    if offices != listed {
        tip_office::set(tx, &offices).await?;
        site.role.lists_changed(tx, site).await?;
    }
    Ok(())
}

async fn note(
    tx: &DatabaseTransaction,
    actor: &Actor,
    action: Action,
    id: Uuid,
    site: &Site,
) -> Result<()> {
    let now = site.clock.now().timestamp_millis();
    let subject = Subject::of(Kind::Reorganisation, id);
    audit::record(tx, actor, action, subject, now).await
}

//! The door: how many requests are worked on at once, and what the others are told.
//!
//! Who comes when the house is full and is let in all the same shares a machine that is too small
//! already: everybody's work then takes longer than anybody's patience, is thrown away, and asked for
//! again. So who gets no place within a moment is turned away before any work was done, and told when
//! there will be room.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::harden::lies_below;
use crate::error::{Asked, Error};
use crate::problem::{Problem, ProblemKind};

/// Nobody is told to come back sooner: whoever waits at the door meanwhile is served before.
const SOONEST: Duration = Duration::from_secs(5);
/// The least time over which those turned away are spread.
const SHORTEST_RUSH: Duration = Duration::from_secs(10);
/// Nobody is told to come back later, however many there are: people would not.
const LATEST: Duration = Duration::from_secs(120);
/// For about how long somebody who was turned away counts as one who will be back.
const LATELY: Duration = Duration::from_secs(60);
/// How many times as long as at the door is waited by who was let in before.
const KNOWN: u32 = 5;

/// The doors of one server, and what needs no place.
pub(super) struct Doors {
    /// Peers and other programs have a door of their own, so that a rush of readers holds up no
    /// recall, and a herd of peers no reader.
    pub(super) programs: Door,
    pub(super) people: Door,
    /// Paths (each with all below it) that pass without a place.
    pub(super) open_paths: Vec<String>,
}

impl Doors {
    fn at(&self, path: &str) -> Option<&Door> {
        if self.open_paths.iter().any(|open| lies_below(path, open)) {
            None
        } else if path.starts_with("/v1/") {
            Some(&self.programs)
        } else {
            Some(&self.people)
        }
    }
}

/// Passes a request on if there is a place for it, and turns it away otherwise.
pub(super) async fn let_in(
    State(doors): State<Arc<Doors>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(door) = doors.at(request.uri().path()) else {
        return next.run(request).await;
    };
    let asked = Asked::of(&request);
    let Some(permit) = door.wait(door.patience).await else {
        return asked.turn_away(door.come_back_later());
    };
    let place = Place::taken(door, permit);
    request.extensions_mut().insert(place.clone());
    let request = request.map(|body| match body.is_end_stream() {
        true => body,
        false => Body::new(Arriving::new(body, place.clone())),
    });
    let response = next.run(request).await;
    match place.leave() {
        Left::Answered => response,
        Left::TurnedAway => asked.turn_away(door.come_back_later()),
    }
}

/// A number of places, and what is known of how fast they become free.
#[derive(Clone)]
pub(super) struct Door {
    places: Arc<Semaphore>,
    patience: Duration,
    rush: Arc<Mutex<Rush>>,
}

impl Door {
    /// A door with so many `places`, at which nobody waits longer than `patience`.
    pub(super) fn new(places: usize, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            patience,
            rush: Arc::new(Mutex::new(Rush::begin(places, Instant::now()))),
        }
    }

    /// Waits for a place: first come, first served.
    async fn wait(&self, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = timeout(patience, place).await.ok()?;
        Some(place.expect("the semaphore is never closed"))
    }

    fn come_back_later(&self) -> Problem {
        metrics::counter!("http_turned_away_total").increment(1);
        let room = locked(&self.rush).turn_away(Instant::now());
        let wait = spread(room, rand::random());
        Problem::new(ProblemKind::Unavailable)
            .detail(format!(
                "Đang có quá nhiều yêu cầu cùng lúc. Xin thử lại sau {} giây.",
                wait.as_secs()
            ))
            .retry_after(wait)
    }
}

/// A request's place among those that are worked on, in the request's extensions.
///
/// Work needs a place, waiting does not: a request that waits steps aside and comes back.
#[derive(Clone)]
pub struct Place(Option<Arc<Taken>>);

struct Taken {
    door: Door,
    standing: Mutex<Standing>,
}

struct Standing {
    stand: Stand,
    /// How long it was worked on before.
    worked: Duration,
}

enum Stand {
    In {
        _permit: OwnedSemaphorePermit,
        since: Instant,
    },
    Aside,
    Gone(Left),
}

#[derive(Clone, Copy)]
enum Left {
    Answered,
    /// It had stepped aside, and nothing became free for it in time.
    TurnedAway,
}

impl Place {
    /// The place of `request`; for one that came through no door, one that is never wanted back.
    pub fn of(request: &Request) -> Self {
        let place = request.extensions().get::<Self>().cloned();
        place.unwrap_or(Self(None))
    }

    fn taken(door: &Door, permit: OwnedSemaphorePermit) -> Self {
        Self(Some(Arc::new(Taken {
            door: door.clone(),
            standing: Mutex::new(Standing {
                stand: Stand::working(permit),
                worked: Duration::ZERO,
            }),
        })))
    }

    /// Lets others work while this request waits for something.
    pub fn step_aside(&self) {
        if let Some(taken) = &self.0 {
            locked(&taken.standing).step_aside();
        }
    }

    /// Waits for a place again after [`Place::step_aside`].
    ///
    /// # Errors
    /// If none became free in time: the request was turned away and is not to be worked on.
    pub async fn come_back(&self) -> Result<(), Problem> {
        let Some(taken) = self.0.as_ref().filter(|taken| taken.is_aside()) else {
            return Ok(());
        };
        let permit = taken.door.wait(taken.door.patience * KNOWN).await;
        let is_turned_away = permit.is_none();
        let stand = match permit {
            Some(permit) => Stand::working(permit),
            None => Stand::Gone(Left::TurnedAway),
        };
        let mut standing = locked(&taken.standing);
        // It may have been answered while what is left of its body was still awaited.
        if matches!(standing.stand, Stand::Aside) {
            standing.stand = stand;
        }
        if is_turned_away {
            return Err(Problem::new(ProblemKind::Unavailable));
        }
        Ok(())
    }

    fn is_aside(&self) -> bool {
        self.0.as_ref().is_some_and(|taken| taken.is_aside())
    }

    /// Gives the place back for good.
    fn leave(&self) -> Left {
        let Some(taken) = &self.0 else {
            return Left::Answered;
        };
        let mut standing = locked(&taken.standing);
        if let Stand::Gone(left) = standing.stand {
            return left;
        }
        standing.step_aside();
        standing.stand = Stand::Gone(Left::Answered);
        locked(&taken.door.rush).served(standing.worked);
        Left::Answered
    }
}

impl Taken {
    fn is_aside(&self) -> bool {
        matches!(locked(&self.standing).stand, Stand::Aside)
    }
}

impl Stand {
    fn working(permit: OwnedSemaphorePermit) -> Self {
        Self::In {
            _permit: permit,
            since: Instant::now(),
        }
    }
}

impl Standing {
    fn step_aside(&mut self) {
        if let Stand::In { since, .. } = &self.stand {
            self.worked += since.elapsed();
            self.stand = Stand::Aside;
        }
    }
}

/// The body of a request that is being worked on. While its client takes its time the place is
/// somebody else's: a few slow clients would hold all places otherwise.
struct Arriving {
    body: Body,
    place: Place,
    coming_back: Option<BoxFuture<'static, Result<(), Problem>>>,
}

impl Arriving {
    fn new(body: Body, place: Place) -> Self {
        Self {
            body,
            place,
            coming_back: None,
        }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.coming_back.is_none() {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => {
                    self.place.step_aside();
                    return Poll::Pending;
                }
                // Only what follows the body is work: a large one comes in without a place.
                Poll::Ready(None) if self.place.is_aside() => {
                    let place = self.place.clone();
                    self.coming_back = Some(Box::pin(async move { place.come_back().await }));
                }
                ready => return ready,
            }
        }
        let Some(coming_back) = &mut self.coming_back else {
            return Poll::Ready(None);
        };
        let came_back = ready!(coming_back.as_mut().poll(cx));
        self.coming_back = None;
        match came_back {
            Ok(()) => Poll::Ready(None),
            Err(problem) => Poll::Ready(Some(Err(axum::Error::new(Error::from(problem))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.coming_back.is_none() && !self.place.is_aside() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How fast the places of a door become free, and for how many.
struct Rush {
    places: usize,
    /// How long a request holds a place, in seconds: the mean of the last ones, about as many as there
    /// are places.
    work: f64,
    /// How many were turned away lately; who was so long ago counts less and less.
    turned_away: f64,
    as_of: Instant,
}

impl Rush {
    fn begin(places: usize, now: Instant) -> Self {
        Self {
            places,
            work: 0.0,
            turned_away: 0.0,
            as_of: now,
        }
    }

    /// Notes that a request was answered that was worked on for so long.
    fn served(&mut self, worked: Duration) {
        self.work += (worked.as_secs_f64() - self.work) / self.places as f64;
    }

    /// Notes that one more was turned away, and says until when there will have been room for all of
    /// them.
    fn turn_away(&mut self, now: Instant) -> Duration {
        let ago = now.saturating_duration_since(self.as_of);
        let fades = (-ago.as_secs_f64() / LATELY.as_secs_f64()).exp();
        self.turned_away = self.turned_away * fades + 1.0;
        self.as_of = now;
        // All places are taken, or nobody would be turned away.
        room_for(self.turned_away, self.places as f64 / self.work)
    }
}

/// How long it takes until `many` have been served who come beside each other.
fn room_for(many: f64, served_a_second: f64) -> Duration {
    let seconds = (many / served_a_second).clamp(SHORTEST_RUSH.as_secs_f64(), LATEST.as_secs_f64());
    Duration::from_secs_f64(seconds)
}

/// A moment until `room`, in whole seconds, by `chance` between 0 and 1. There is room for one after the
/// other all the time until then, so that coming back is spread over all of it.
fn spread(room: Duration, chance: f64) -> Duration {
    let wait = SOONEST + room.saturating_sub(SOONEST).mul_f64(chance);
    Duration::from_secs(wait.as_secs())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_when_those_before_were_served() {
        let cases = [
            // turned away, served a second, seconds
            (1.0, 1_000.0, 10),
            (400.0, 40.0, 10),
            (2_000.0, 40.0, 50),
            (10_000.0, 100.0, 100),
            (10_000.0, 40.0, 120),
            (1.0, 0.001, 120),
            // Nobody was served yet.
            (1.0, f64::INFINITY, 10),
        ];
        for (many, served, seconds) in cases {
            let room = room_for(many, served);
            assert_eq!(room.as_secs(), seconds, "{many} at {served} a second");
        }
    }

    #[test]
    fn coming_back_is_spread_until_there_was_room_for_all() {
        let cases = [
            (10, 0.0, 5),
            (10, 0.5, 7),
            (10, 0.999, 9),
            (120, 0.0, 5),
            (120, 0.5, 62),
            (120, 0.999, 119),
            (0, 0.5, 5),
        ];
        for (room, chance, seconds) in cases {
            let wait = spread(Duration::from_secs(room), chance);
            assert_eq!(wait.as_secs(), seconds, "{room} s, {chance}");
        }
    }

    #[test]
    fn a_rush_is_judged_by_the_work_of_late_and_forgotten() {
        let begun = Instant::now();
        let mut rush = Rush::begin(10, begun);
        for _ in 0..100 {
            rush.served(Duration::from_secs(1));
        }
        // Ten places, a second each: ten a second.
        let mut room = Duration::ZERO;
        for _ in 0..500 {
            room = rush.turn_away(begun);
        }
        assert_eq!(room.as_secs_f64().round(), 50.0);
        assert!(rush.turn_away(begun + LATELY) < room / 2);
        assert_eq!(rush.turn_away(begun + LATELY * 20), SHORTEST_RUSH);
    }
}

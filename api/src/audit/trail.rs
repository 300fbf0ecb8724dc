//! How events that belong to no write get into the audit: noted on the way, stored a moment later, many at a time.
//!
//! Refusals are told together: the first of a minute, caller and route at once, the others of that minute with
//! their number at its end. Beyond [`REFUSALS_A_MINUTE`] different ones, and beyond [`REFUSALS_A_DAY`] stored
//! ones, they are counted by kind alone. So a flood of them costs a few rows, and no time of anybody's request.
//! A normal end of the server stores what waits ([`Trail::flush`]).
use domain::codes::AuditKind;
use domain::{Code, Utc, Uuid};
use persistence::audit::Event;
use persistence::{Database, Stamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events that may wait. A store that is away longer loses what comes on top, and the metric tells.
const WAITING: usize = 20_000;
/// Events stored in one unit of work.
const AT_ONCE: usize = 500;
/// Different refusals told apart within one minute.
const REFUSALS_A_MINUTE: usize = 200;
/// Refusals stored one by one within a day.
const REFUSALS_A_DAY: usize = 20_000;

/// The way into the audit.
#[derive(Default)]
pub struct Trail {
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    waiting: Vec<Event>,
    minute: i64,
    day: i64,
    today: usize,
    refusals: HashMap<String, Refusal>,
    lost: u64,
}

/// Refusals of one caller at one route in one minute.
struct Refusal {
    /// As the last of them was; counts those that are not told yet.
    event: Event,
}

impl Trail {
    /// Notes an event; it is stored within a second.
    pub fn note(&self, event: Event) {
        let mut pending = self.lock();
        pending.turn(Utc::now().timestamp());
        if matches!(event.kind, AuditKind::Denied | AuditKind::RateLimited) {
            pending.refuse(event);
        } else {
            pending.push(event);
        }
    }

    /// Stores an event before it returns: for what must not happen without being told.
    ///
    /// # Errors
    /// When the store cannot take it.
    pub async fn record(&self, db: &Database, event: Event) -> persistence::Result<()> {
        let stamp = Stamp::system("audit", Utc::now());
        db.write(stamp, false, move |tx| persistence::audit::note(tx, &event)).await
    }

    /// Stores what waits; with `all` also refusals of the running minute.
    ///
    /// # Errors
    /// When the store cannot take it; it waits on then.
    pub async fn flush(&self, db: &Database, all: bool) -> persistence::Result<()> {
        loop {
            let batch = self.take(all);
            if batch.is_empty() {
                return Ok(());
            }
            let stamp = Stamp::system("audit", Utc::now());
            let again = batch.clone();
            let stored = db.write(stamp, false, move |tx| persistence::audit::note_many(tx.conn, &batch)).await;
            if let Err(e) = stored {
                self.back(again);
                return Err(e);
            }
        }
    }

    /// Events that were lost because the store was away too long.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, all: bool) -> Vec<Event> {
        let mut pending = self.lock();
        let now = Utc::now().timestamp();
        pending.turn(if all { now + 60 } else { now });
        let n = pending.waiting.len().min(AT_ONCE);
        pending.waiting.drain(..n).collect()
    }

    fn back(&self, batch: Vec<Event>) {
        let mut pending = self.lock();
        let newer = std::mem::replace(&mut pending.waiting, batch);
        newer.into_iter().for_each(|event| pending.push(event));
    }
}

impl Pending {
    /// When the minute is over, tells what was counted in it.
    fn turn(&mut self, second: i64) {
        let (minute, day) = (second / 60, second / 86_400);
        if minute != self.minute {
            self.minute = minute;
            for (_, refusal) in std::mem::take(&mut self.refusals) {
                if refusal.event.times > 0 {
                    self.push(refusal.event);
                }
            }
        }
        if day != self.day {
            (self.day, self.today) = (day, 0);
        }
    }

    fn push(&mut self, event: Event) {
        if self.waiting.len() < WAITING {
            self.waiting.push(event);
        } else {
            self.lost += 1;
        }
    }

    /// The first of its kind in this minute is told at once, the others are counted.
    fn refuse(&mut self, event: Event) {
        let key = key(&event);
        if let Some(known) = self.refusals.get_mut(&key) {
            let times = known.event.times + event.times;
            known.event = Event { times, ..event };
            return;
        }
        if self.refusals.len() < REFUSALS_A_MINUTE && self.today < REFUSALS_A_DAY {
            self.today += 1;
            self.push(event.clone());
            self.refusals.insert(key, Refusal { event: Event { times: 0, ..event } });
            return;
        }
        let others = format!("others of {}", event.kind.as_str());
        let known = self.refusals.entry(others).or_insert_with(|| Refusal { event: crowd(&event) });
        known.event.times += event.times;
    }
}

fn key(event: &Event) -> String {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let of = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
    [
        event.kind.as_str(),
        &event.actor,
        &of(event.token_id),
        &text(&event.address),
        &text(&event.entity),
        &text(&event.detail),
    ]
    .join("\n")
}

/// Many refusals of one kind, without those who caused them.
fn crowd(event: &Event) -> Event {
    let none = Event::new(event.kind, event.outcome, event.at, "anonymous", event.division.clone());
    Event { times: 0, ..none.detail("many") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::DivisionCode;
    use domain::codes::AuditOutcome;

    fn denied(actor: String) -> Event {
        let division = DivisionCode::parse("371700").unwrap();
        Event::new(AuditKind::Denied, AuditOutcome::Denied, Utc::now(), actor, division)
    }

    #[test]
    fn refusals_of_one_caller_are_told_at_once_and_then_together() {
        let mut pending = Pending::default();
        pending.turn(60);
        (0..1000).for_each(|_| pending.refuse(denied("user:a".into())));
        assert_eq!(pending.waiting.iter().map(|e| e.times).collect::<Vec<_>>(), [1]);
        pending.turn(120);
        assert_eq!(pending.waiting.iter().map(|e| e.times).collect::<Vec<_>>(), [1, 999]);
    }

    #[test]
    fn a_flood_from_everywhere_takes_few_rows_and_loses_no_count() {
        let mut pending = Pending::default();
        for minute in 0..200 {
            pending.turn(minute * 60);
            (0..1000).for_each(|n| pending.refuse(denied(format!("user:{minute}-{n}"))));
            pending.waiting.truncate(WAITING / 2);
        }
        assert!(pending.today <= REFUSALS_A_DAY);
        let mut pending = Pending::default();
        pending.turn(0);
        (0..100_000).for_each(|n| pending.refuse(denied(format!("user:{n}"))));
        pending.turn(60);
        assert_eq!(pending.waiting.len(), REFUSALS_A_MINUTE + 1);
        assert_eq!(pending.waiting.iter().map(|e| e.times).sum::<i64>(), 100_000);
    }
}

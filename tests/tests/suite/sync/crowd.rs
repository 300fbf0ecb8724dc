//! Writers of all kinds at once: singles, batches, changes, deletions, and such as are refused when some of their
//! work is done. On PostgreSQL also transactions that sleep between their statements and before their end.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::Dice;
use crate::{
    faults::beneath::Beneath,
    racing::{Doors, Ending, at_once},
    resources::make::{CAO, CITY, SHAN, cadre_of, with},
    support::{client::Client, random, response::Response},
};

/// Writers through the API; a quarter as many write beneath it, slowly.
const WRITERS: usize = 8;

pub struct Crowd<'a> {
    admins: Vec<Client>,
    beneath: &'a Beneath<'static>,
    seed: u64,
    done: AtomicUsize,
    refused: AtomicUsize,
}

/// A record that a writer has made, and its version.
struct Known {
    entity: &'static str,
    id: String,
    division: &'static str,
    version: i64,
}

impl<'a> Crowd<'a> {
    pub fn new(doors: &Doors, beneath: &'a Beneath<'static>, seed: u64) -> Self {
        let (done, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { admins: doors.all(doors.app.admin()), beneath, seed, done, refused }
    }

    /// Lets all write for so long, and the others do what they do until the flag says that it is over.
    pub fn write_beside(&self, span: Duration, others: &[&(dyn Fn(&AtomicBool) + Sync)]) {
        let over = AtomicBool::new(false);
        let deadline = Instant::now() + span;
        thread::scope(|scope| {
            let ending = Ending(&over);
            let others: Vec<_> = others.iter().map(|other| scope.spawn(|| other(&over))).collect();
            at_once(WRITERS + WRITERS / 4, |number| match number {
                0..WRITERS => self.write_until(number, deadline),
                _ => self.sleep_and_write_until(number, deadline),
            });
            drop(ending);
            others.into_iter().for_each(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        });
        let (done, refused) = (self.done.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed));
        assert!(done > 50 && refused > 0, "too little to prove anything: {done} done, {refused} refused");
    }

    fn write_until(&self, number: usize, deadline: Instant) {
        let admin = &self.admins[number % self.admins.len()];
        let mut dice = Dice(self.seed << 8 | number as u64);
        let mut known: Vec<Known> = vec![];
        while Instant::now() < deadline {
            let division = [SHAN, CAO, CITY][dice.below(3) as usize];
            let any = (!known.is_empty()).then(|| dice.below(known.len() as u64) as usize);
            match (dice.below(20), any) {
                (0..2, _) => self.refused(admin, division, &mut dice),
                (2..5, _) => self.batch(admin, division, &mut dice, &mut known),
                (5..12, Some(any)) => self.change(admin, &mut known[any], &mut dice),
                (12..14, Some(any)) => self.delete(admin, &mut known, any),
                (14..16, _) => self.cadre(admin, division, &mut known),
                _ => self.unit(admin, division, &mut known),
            }
        }
    }

    fn done(&self, answer: Response, status: u16) -> Response {
        self.done.fetch_add(1, Ordering::Relaxed);
        answer.status(status)
    }

    fn unit(&self, admin: &Client, division: &'static str, known: &mut Vec<Known>) {
        let made = self.done(admin.request("POST", "/units").json(unit(division)).unchecked().send(), 201);
        known.push(Known { entity: "units", id: made.id(), division, version: 1 });
    }

    fn cadre(&self, admin: &Client, division: &'static str, known: &mut Vec<Known>) {
        let Some(unit) = known.iter().find(|k| k.entity == "units" && k.division == division) else {
            return self.unit(admin, division, known);
        };
        let person = with(cadre_of(&unit.id, division), json!({"name": format!("赵{}", &random()[8..])}));
        let answer = admin.request("POST", "/cadres").json(person).unchecked().send();
        let made = self.done(answer, 201);
        known.push(Known { entity: "cadres", id: made.id(), division, version: 1 });
    }

    fn batch(&self, admin: &Client, division: &'static str, dice: &mut Dice, known: &mut Vec<Known>) {
        let items: Vec<Value> = (0..=dice.below(20)).map(|_| unit(division)).collect();
        let answer = admin.request("POST", "/units/batch").json(json!({"items": items})).unchecked().send();
        let made = self.done(answer, 201);
        let ids = made.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned());
        known.extend(ids.map(|id| Known { entity: "units", id, division, version: 1 }));
    }

    fn change(&self, admin: &Client, known: &mut Known, dice: &mut Dice) {
        let patch = match known.entity {
            "units" => json!({"sort_no": dice.below(1000) + known.version as u64 * 1000}),
            _ => json!({"mobile": format!("138{:08}", dice.below(100_000) + known.version as u64 * 100_000)}),
        };
        let request = admin.request("PATCH", &format!("/{}/{}", known.entity, known.id));
        self.done(request.if_match(&format!("\"r{}\"", known.version)).json(patch).unchecked().send(), 200);
        known.version += 1;
    }

    /// A unit in which somebody has worked stays.
    fn delete(&self, admin: &Client, known: &mut Vec<Known>, place: usize) {
        let one = &known[place];
        let request = admin.request("DELETE", &format!("/{}/{}", one.entity, one.id));
        let answer = request.if_match(&format!("\"r{}\"", one.version)).unchecked().send();
        match answer.status {
            204 => {
                self.done.fetch_add(1, Ordering::Relaxed);
                known.remove(place);
            }
            _ => {
                answer.status(409);
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The last repeats the first, so that all is undone after some of it was done; or it is only a rehearsal.
    fn refused(&self, admin: &Client, division: &str, dice: &mut Dice) {
        let mut items: Vec<Value> = (0..2 + dice.below(10)).map(|_| unit(division)).collect();
        let rehearsal = dice.below(2) == 0;
        if !rehearsal {
            let (id, last) = (uuid::Uuid::now_v7(), items.len() - 1);
            items[0]["id"] = json!(id);
            items[last]["id"] = json!(id);
        }
        let request = admin.request("POST", "/units/batch").json(json!({"items": items})).unchecked();
        match rehearsal {
            true => request.prefer("dry-run").send().status(201),
            false => request.send().status(409),
        };
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes a unit of its own again and again in transactions that take their time; one in ten is taken back.
    fn sleep_and_write_until(&self, number: usize, deadline: Instant) {
        let Beneath::Postgres(cluster, url) = self.beneath else { return };
        let mut dice = Dice(self.seed << 8 | number as u64);
        let mut known = vec![];
        self.unit(&self.admins[0], [SHAN, CAO][number % 2], &mut known);
        let id = &known[0].id;
        while Instant::now() < deadline {
            let end = if dice.below(10) == 0 { "ROLLBACK" } else { "COMMIT" };
            let mut sleep = || dice.below(120) as f64 / 1000.0;
            let (one, two, three) = (sleep(), sleep(), sleep());
            let statement = format!(
                "BEGIN; UPDATE units SET sort_no = sort_no + 1, version = version + 1 WHERE id = '{id}'; SELECT pg_sleep({one});
                 INSERT INTO journal (entity, entity_id, op, version, changed_fields, division_before, division_after, actor, client, at)
                 SELECT 'units', id, 'update', version, '[\"sort_no\"]', division_code, division_code, 'system:test', 'system:test', now()
                   FROM units WHERE id = '{id}'; SELECT pg_sleep({two});
                 INSERT INTO history (entity, entity_id, version, division_code, data, at)
                 SELECT 'units', id, version - 1, division_code, '{{}}', now() FROM units WHERE id = '{id}';
                 SELECT pg_sleep({three}); {end}"
            );
            cluster.sql(url, &statement);
        }
    }
}

/// A new unit.
pub fn unit(division: &str) -> Value {
    json!({"division_code": division, "name": format!("某局{}", random()), "kind": "organ"})
}

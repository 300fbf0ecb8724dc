//! A crowd writes, and readers follow as they like: in the end each has what it sees, no number was missing and none
//! came twice. A few seconds of it; with `LAOGAN_SOAK` one seed after the other, in rounds of 20 seconds.

use std::{
    io::BufRead,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Dice, copy::Copy, county, crowd::Crowd, numbered};
use crate::{
    faults::beneath::Beneath,
    racing::Doors,
    resources::make::{CAO, SHAN},
    support::{Case, Ctx, cases, client::Client, soak},
};

const SHORT: Duration = Duration::from_millis(2500);
const ROUND: Duration = Duration::from_secs(20);
const WRITTEN: [&str; 3] = ["divisions", "units", "cadres"];

pub fn tests() -> Vec<Case> {
    cases![readers_who_follow_a_crowd_miss_nothing, snapshots_amid_a_crowd_are_the_beginning_of_a_right_copy]
}

/// Runs once and for a short time, or with one seed after the other until the time is over.
fn rounds(run: impl Fn(u64, Duration)) {
    let chance = uuid::Uuid::now_v7().as_u128() as u64;
    let Some(long) = soak() else { return run(chance, SHORT) };
    let deadline = Instant::now() + long;
    for seed in chance.. {
        run(seed, ROUND);
        if Instant::now() > deadline {
            return;
        }
    }
}

/// Three readers with pages of any size, who ask again at once or wait, through all processes of the service.
fn readers_who_follow_a_crowd_miss_nothing(ctx: &Ctx) {
    rounds(|seed, span| {
        let doors = Doors::open(ctx);
        let (app, beneath) = (&doors.app, Beneath::of(&doors.app));
        let readers: Vec<Reader> = [county(app, SHAN), county(app, CAO), app.admin()]
            .into_iter()
            .enumerate()
            .map(|(number, client)| Reader::new(&doors, client, seed + number as u64))
            .collect();
        let follow: Vec<_> = readers.iter().map(|reader| |over: &AtomicBool| reader.follow(over)).collect();
        let follow: Vec<&(dyn Fn(&AtomicBool) + Sync)> = follow.iter().map(|f| f as _).collect();
        Crowd::new(&doors, &beneath, seed).write_beside(span, &follow);
        numbered(&app.admin());
        for reader in &readers {
            let mut copy = reader.copy.lock().expect("a copy");
            copy.pull();
            copy.claim_right(&WRITTEN);
        }
        beneath.claim_consistent();
    });
}

struct Reader {
    doors: Vec<Client>,
    copy: Mutex<Copy>,
    seed: u64,
}

impl Reader {
    fn new(doors: &Doors, client: Client, seed: u64) -> Self {
        Self { doors: doors.all(client.clone()), copy: Mutex::new(Copy::new(client)), seed }
    }

    fn follow(&self, over: &AtomicBool) {
        let mut copy = self.copy.lock().expect("a copy");
        let mut dice = Dice(self.seed);
        while !over.load(Ordering::Relaxed) {
            let most = [3, 40, 2000][dice.below(3) as usize];
            copy.limit = 1 + dice.below(most) as usize;
            let door = dice.below(self.doors.len() as u64) as usize;
            copy.page_by(&self.doors[door], dice.below(2) as u32);
        }
        copy.limit = 500;
    }
}

/// Snapshots while all write: whole ones, and such as break off anywhere and are taken up again, more than once.
/// What is pulled from the position in their first line makes them right.
fn snapshots_amid_a_crowd_are_the_beginning_of_a_right_copy(ctx: &Ctx) {
    rounds(|seed, span| {
        let doors = Doors::open(ctx);
        let (app, beneath) = (&doors.app, Beneath::of(&doors.app));
        // Enough for a snapshot to have places where it can be taken up again.
        let many: Vec<Value> = (0..500).map(|_| super::crowd::unit(SHAN)).collect();
        for _ in 0..3 {
            app.admin().post("/units/batch", serde_json::json!({"items": many})).status(201);
        }
        let readers = [county(app, SHAN), app.admin()].map(|client| (client.clone(), Mutex::new(Copy::new(client))));
        let begin = |(client, copy): &(Client, Mutex<Copy>), over: &AtomicBool| {
            let mut dice = Dice(seed);
            let mut copy = copy.lock().expect("a copy");
            copy.limit = 200;
            // The last one is begun while all write, or just after.
            while !over.load(Ordering::Relaxed) || copy.cursor.is_none() {
                copy.records.clear();
                copy.take_pieces(&pieces(client, &mut dice));
                if dice.below(2) == 0 {
                    copy.pull();
                }
            }
        };
        let (first, second) = (|o: &AtomicBool| begin(&readers[0], o), |o: &AtomicBool| begin(&readers[1], o));
        Crowd::new(&doors, &beneath, seed).write_beside(span, &[&first, &second]);
        numbered(&app.admin());
        for (_, copy) in &readers {
            let mut copy = copy.lock().expect("a copy");
            copy.pull();
            copy.claim_right(&WRITTEN);
        }
        beneath.claim_consistent();
    });
}

/// A snapshot in as many pieces as its connections lasted. Of a broken one remains what came before the last place at
/// which it can be taken up; a client cannot trust the rest.
fn pieces(client: &Client, dice: &mut Dice) -> Vec<String> {
    let (mut pieces, mut token) = (vec![], String::new());
    loop {
        let (head, body) = client.request("GET", &format!("/sync/snapshot{token}")).open();
        assert_eq!(head.status, 200);
        // Two connections break, the third one lasts.
        let most = if pieces.len() < 2 { 1 + dice.below(1500) as usize } else { usize::MAX };
        let lines: Vec<String> = body.lines().take(most).map(|line| line.expect("a line")).collect();
        if lines.last().is_some_and(|line| line.contains(r#""kind":"trailer""#)) {
            pieces.push(lines.join("\n"));
            return pieces;
        }
        let Some(last) = lines.iter().rposition(|line| line.contains(r#""kind":"checkpoint""#)) else { continue };
        let checkpoint: Value = serde_json::from_str(&lines[last]).expect("JSON");
        token = format!("?page_token={}", checkpoint["page_token"].as_str().expect("a token"));
        pieces.push(lines[..=last].join("\n"));
    }
}

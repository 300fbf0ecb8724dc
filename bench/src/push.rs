//! What clients made offline: pushed creations against a plain upsert of the same records into the same table.
use crate::children::output;
use crate::data::Source;
use crate::http;
use crate::load::{self, Span, Tally, Work};
use crate::postgres::{CLIENTS, Cluster};
use crate::report::{Row, Target};
use crate::run::{Plan, span};
use crate::scenarios::{self as send, Counter};
use crate::server::{Api, Laogan};
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use domain::cadres::Cadre;
use domain::{Meta, Record, Uuid};
use persistence::sealed::{Keyring, Keys, Sealing};
use persistence::statement::Sql;
use persistence::value::Value;
use persistence::{Conn, Store};
use serde::Deserialize;
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::Instant;
use tokio::process::Command;

/// Counties that push at the same time; a third of those of the model.
const ACCOUNTS: usize = 4;
/// Operations in a push, and records in a statement: the most the server takes.
const BATCH: u64 = 500;
/// Turns of each side with each number of connections.
const TURNS: u64 = 2;
/// Databases of this scenario.
const OURS: &str = "laogan_pushed";
const THEIRS: &str = "laogan_upserted";

/// Where a client stands.
#[derive(Deserialize)]
struct State {
    epoch: Uuid,
    expected_op_seq: u64,
}

/// Requests that were made beforehand: a client has its operations lying there when it pushes.
struct Ready(std::vec::IntoIter<Vec<u8>>);
impl Work for Ready {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let next = self.0.next();
        request.extend(next.iter().flatten());
        next.is_some()
    }
}

/// The pushes of one account with so many records from the number `first` on.
async fn pushes(api: &Api, source: &Source, first: u64, rows: u64) -> Result<Ready> {
    use std::io::Write;
    let State { epoch, expected_op_seq } = http::json(api.addr, &api.get("/api/v1/sync/state")).await?;
    let (mut requests, mut seq) = (vec![], expected_op_seq);
    for batch in (first..first + rows).step_by(BATCH as usize) {
        let mut body = vec![];
        write!(body, r#"{{"epoch":"{epoch}","ops":["#)?;
        for n in batch..(batch + BATCH).min(first + rows) {
            let (comma, op_id, id) = (if n > batch { "," } else { "" }, Uuid::now_v7(), Uuid::now_v7());
            write!(body, r#"{comma}{{"op_seq":{seq},"op_id":"{op_id}","entity":"cadres","id":"{id}","#)?;
            body.extend_from_slice(br#""action":"create","set":"#);
            source.json(n, &mut body)?;
            body.push(b'}');
            seq += 1;
        }
        body.extend_from_slice(b"]}");
        requests.push(api.post("/api/v1/sync/push", &body)?);
    }
    Ok(Ready(requests.into_iter()))
}

/// Pushes what is ready, and makes sure that all of it was applied: a refused operation is answered with 200.
async fn pushed(accounts: &[Api], source: &Source, first: u64, rows: u64) -> Result<Tally> {
    let share = rows / accounts.len() as u64;
    let mut works = vec![];
    for (api, at) in accounts.iter().zip(0..) {
        works.push(pushes(api, source, first + at * share, share).await?);
    }
    let (_, tally) = load::run(accounts[0].addr, works, Span::Work).await?;
    Ok(tally)
}

/// The statement that a plain service would write: all columns of many rows, new or not.
fn upsert<'r>(records: &'r [Record<Cadre>], keys: &Keyring) -> Result<Sql<'r>> {
    let mut sql = Sql::new("INSERT INTO ");
    sql.say(Cadre::TABLE).say(" (").say(Cadre::COLUMNS).say(") VALUES ");
    for (i, Record { meta, data }) in records.iter().enumerate() {
        let common = [
            Value::Uid(Some(meta.id)),
            meta.division_code.as_str().into(),
            Value::Long(Some(meta.version)),
            Value::At(Some(meta.created_at)),
            Value::At(Some(meta.updated_at)),
            Value::At(None),
            Value::Text(None),
            Value::Text(None),
        ];
        let mut sealing = Sealing { keys, of: "cadres", id: meta.id, indexes: vec![] };
        let values = common.into_iter().chain(data.values(&mut sealing)?);
        sql.say(if i > 0 { ", (" } else { "(" }).bind_all(values).say(")");
    }
    sql.say(" ON CONFLICT (id) DO UPDATE SET division_code = excluded.division_code, ");
    sql.say("version = excluded.version, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at");
    for field in Cadre::FIELDS {
        sql.say(", ").say(field).say(" = excluded.").say(field);
    }
    Ok(sql)
}

/// The name under which the statement stays prepared: it is looked for by nothing but this.
struct Upsert;

/// Upserts all records, each connection its share, a transaction a statement. Gives rows a second.
///
/// # Errors
/// What the database says.
pub fn upserted(url: &str, shares: &[Vec<Record<Cadre>>]) -> Result<f64> {
    // It seals what we seal.
    let keys = Keys::generate("bench").map(|keys| Keyring::new(keys, None)).map_err(anyhow::Error::msg)?;
    let conns = shares.iter().map(|_| Conn::open(url, &keys)).collect::<persistence::Result<Vec<_>>>()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let one = |(mut conn, records): (Conn, &Vec<Record<Cadre>>)| -> Result<()> {
            for chunk in records.chunks(BATCH as usize) {
                let sql = upsert(chunk, conn.keys())?;
                let n =
                    if chunk.len() as u64 == BATCH { sql.named::<Upsert>().run(&mut conn) } else { sql.run(&mut conn) };
                ensure!(n? == chunk.len());
            }
            Ok(())
        };
        let threads: Vec<_> = conns.into_iter().zip(shares).map(|share| scope.spawn(move || one(share))).collect();
        threads.into_iter().try_for_each(|t| t.join().ok().context("a connection has panicked")?)
    })?;
    let rows: usize = shares.iter().map(Vec::len).sum();
    Ok(rows as f64 / start.elapsed().as_secs_f64())
}

/// Records for so many connections.
pub fn shares(source: &Source, first: u64, rows: u64, connections: u64) -> Vec<Vec<Record<Cadre>>> {
    let now = Utc::now();
    let record = |n| {
        let (division, data) = source.cadre(n);
        let meta = Meta {
            id: Uuid::now_v7(),
            division_code: division.clone(),
            version: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            external_ref: None,
        };
        Record { meta, data }
    };
    let share = rows / connections;
    (0..connections).map(|c| (first + c * share..first + (c + 1) * share).map(record).collect()).collect()
}

/// Pushes with one and with [`ACCOUNTS`] accounts, each against upserts with as many connections, in turns, each side into
/// a database of its own that the server has made.
///
/// # Errors
/// When one of them fails, or does not store what it was given.
pub async fn against_upserts(plan: &Plan, place: &Path, cluster: Option<&Cluster>) -> Result<(Vec<Row>, String)> {
    let (ours, theirs) = (place.join(OURS), place.join(THEIRS));
    for directory in [&ours, &theirs] {
        // Of an interrupted run, if there is one.
        let _ = std::fs::remove_dir_all(directory);
        std::fs::create_dir_all(directory)?;
    }
    let (our_url, their_url) = match cluster {
        Some(cluster) => (Some(cluster.another(OURS).await?), Some(cluster.another(THEIRS).await?)),
        None => (None, None),
    };
    let file = |directory: &Path| format!("sqlite://{}", directory.join("laogan.db").display());
    // The same server makes the other side's table, and is gone when that is written to.
    let made = Laogan::start(&plan.server, &theirs, their_url.as_deref()).await?;
    let their_source = made.api.source().await?;
    made.stop().await?;
    let raw_url = their_url.unwrap_or_else(|| file(&theirs));

    let server = Laogan::start(&plan.server, &ours, our_url.as_deref()).await?;
    let source = server.api.source().await?;
    let mut accounts = vec![server.api.clone()];
    while accounts.len() < ACCOUNTS {
        accounts.push(server.api.another().await?);
    }
    output(&mut Command::new("sync")).await?;

    // Each turn has whole batches for all connections.
    let turn = (plan.rows / TURNS / 2).next_multiple_of(BATCH * ACCOUNTS as u64);
    let (mut rows, mut first, mut note) = (vec![], 0, vec![]);
    for connections in [ACCOUNTS, 1] {
        // SQLite has one writer, whoever connects.
        let writers = if cluster.is_some() { connections } else { 1 };
        let (mut sum, mut raw): (Option<Tally>, f64) = (None, 0.0);
        for _ in 0..TURNS {
            let tally = pushed(&accounts[..connections], &source, first, turn).await?;
            match &mut sum {
                Some(sum) => sum.add(&tally)?,
                None => sum = Some(tally),
            }
            raw += upserted(&raw_url, &shares(&their_source, first, turn, writers as u64))? / TURNS as f64;
            first += turn;
        }
        let tally = sum.context("no turn")?;
        let accounts = if connections == 1 { "account" } else { "accounts" };
        let scenario = format!("push of {BATCH} creations, {connections} {accounts}, against an upsert with {writers}");
        let rate = tally.rate() * BATCH as f64;
        let target = if connections == ACCOUNTS { Target::ratio(0.5) } else { Target::NONE };
        note.push(format!("{rate:.0} rows/s with {connections} {accounts}"));
        rows.push(Row::against_rate(scenario, &tally, raw, " rows", target).each(BATCH as f64));
    }
    let mut seen = 0;
    for account in &accounts {
        let state: State = http::json(account.addr, &account.get("/api/v1/sync/state")).await?;
        seen += state.expected_op_seq - 1;
    }
    let our_url = our_url.unwrap_or_else(|| file(&ours));
    let count = |url: &str| -> Result<i64> {
        let count = Sql::new("SELECT count(*) FROM cadres WHERE version = 1")
            .row::<(i64,)>(&mut Conn::open(url, &Keyring::none())?)?;
        Ok(count.context("no count")?.0)
    };
    let (stored, inserted) = (count(&our_url)?, count(&raw_url)?);
    let all = i64::try_from(first)?;
    ensure!(seen == first && stored == all && inserted == all, "of {all}: {seen} seen, {stored} stored, {inserted}");
    if let Some(cluster) = cluster {
        rows.push(without_journal(plan, cluster, &server.api, &Rc::new(source), first).await?);
    }
    server.stop().await?;
    for directory in [&ours, &theirs] {
        std::fs::remove_dir_all(directory)?;
    }
    if let Some(cluster) = cluster {
        cluster.drop(OURS).await?;
        cluster.drop(THEIRS).await?;
    }
    Ok((rows, format!("push: {first} creations in turns of {turn} ({})", note.join(", "))))
}

/// What the journal costs a single write: creates against the same ones while a trigger keeps all lines out of it,
/// in turns. The server knows nothing of it, and the database is thrown away afterwards.
async fn without_journal(plan: &Plan, cluster: &Cluster, api: &Api, source: &Rc<Source>, first: u64) -> Result<Row> {
    const OFF: &str = "create function keep_out() returns trigger language plpgsql as 'begin return null; end'; \
                       create trigger keep_out before insert on journal for each row execute function keep_out()";
    const ON: &str = "drop function keep_out cascade";
    let next = Counter::default();
    next.set(first);
    let mut works = send::creates(api, source, &next, CLIENTS);
    let (mut with, mut without): (Option<Tally>, Option<Tally>) = (None, None);
    for _ in 0..TURNS {
        for (sum, switch) in [(&mut with, OFF), (&mut without, ON)] {
            let (back, tally) = load::run(api.addr, works, span(plan.seconds / TURNS as f64, 0.5)).await?;
            works = back;
            match sum {
                Some(sum) => sum.add(&tally)?,
                None => *sum = Some(tally),
            }
            output(&mut cluster.psql_in(OURS, switch)).await?;
        }
    }
    let (with, without) = (with.context("no turn")?, without.context("no turn")?);
    ensure!(without.errors == 0, "without the journal: {}", without.samples.join("; "));
    let scenario = format!("create, {CLIENTS} connections, against the same without the journal");
    Ok(Row::against_rate(scenario, &with, without.rate(), "", Target::ratio(0.65)))
}

//! Runs the cases and ends with what the run was worth.

use std::{
    backtrace::Backtrace,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
};

use libtest_mimic::{Arguments, Completion, Failed, FormatSetting, Trial};

use super::{Case, Ctx, Engine, On, contract, postgres};

thread_local! {
    /// What the case on this thread has to say if it fails; `None` on threads that run no case.
    static NOTES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

static RUN_ON_POSTGRES: AtomicUsize = AtomicUsize::new(0);

/// The `main` of the suite.
pub fn run(cases: Vec<Case>) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A test waits for its server most of the time.
    arguments.test_threads.get_or_insert(2 * std::thread::available_parallelism().map_or(2, usize::from));
    let trials: Vec<Trial> = cases.into_iter().flat_map(trials).collect();
    let chosen = trials.iter().any(|trial| {
        trial.name().starts_with("postgres::") && !arguments.is_filtered_out(trial) && !arguments.is_ignored(trial)
    });
    if chosen && !arguments.list {
        // While the first SQLite cases run.
        std::thread::spawn(postgres::Cluster::prepare);
    }
    keep_panics_with_their_case();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        let lines = [contract::coverage(), about_postgres(chosen)].join("\n");
        match arguments.format {
            // Standard output belongs to the machine that reads it.
            Some(FormatSetting::Json) => eprintln!("{lines}"),
            _ => println!("{lines}\n"),
        }
    }
    conclusion.exit_code()
}

/// Adds to what is shown if the case on this thread fails. Elsewhere it is shown at once.
pub fn note(text: String) {
    let rest = NOTES.with_borrow_mut(|notes| match notes {
        Some(notes) => {
            notes.push(text);
            None
        }
        None => Some(text),
    });
    if let Some(text) = rest {
        eprintln!("{text}");
    }
}

fn trials(case: Case) -> Vec<Trial> {
    let name = case.name.split_once("::").map_or(case.name, |(_binary, rest)| rest);
    let on =
        |engine: Engine| Trial::ignorable_test(format!("{}::{name}", engine.name()), move || run_case(case, engine));
    match case.on {
        On::Both => vec![on(Engine::Sqlite), on(Engine::Postgres)],
        On::Sqlite => vec![on(Engine::Sqlite)],
        On::Postgres => vec![on(Engine::Postgres)],
        On::Once => vec![Trial::ignorable_test(name, move || run_case(case, Engine::Sqlite))],
    }
}

fn run_case(case: Case, engine: Engine) -> Result<Completion, Failed> {
    NOTES.set(Some(Vec::new()));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        if engine == Engine::Postgres {
            if postgres::Cluster::shared().is_none() {
                return Completion::ignored_with("no PostgreSQL");
            }
            RUN_ON_POSTGRES.fetch_add(1, Ordering::Relaxed);
        }
        (case.run)(&Ctx { engine });
        Completion::Completed
    }));
    let notes = NOTES.take().unwrap_or_default();
    outcome.map_err(|_panic| Failed::from(notes.join("\n")))
}

/// Without this, cases that fail side by side print over each other long before the list of failures. Of threads
/// that a case has started it is not known whose they are: they still print at once.
fn keep_panics_with_their_case() {
    std::panic::set_hook(Box::new(|panic| {
        // The place that is named is the test's own line; the way there is long and seldom wanted.
        let wanted = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value == "full");
        let backtrace = if wanted { format!("\n{}", Backtrace::force_capture()) } else { String::new() };
        note(format!("{panic}{backtrace}"));
    }));
}

fn about_postgres(chosen: bool) -> String {
    match (postgres::missing(), RUN_ON_POSTGRES.load(Ordering::Relaxed)) {
        (Some(reason), _) => format!(
            "PostgreSQL was not tested: {reason}. Install the PostgreSQL server programs; \
             LAOGAN_REQUIRE_POSTGRES=1 makes their absence a failure."
        ),
        (None, 0) if !chosen => "PostgreSQL was not tested: no case of it was selected.".into(),
        (None, 0) => "PostgreSQL was not tested: none of its cases could start.".into(),
        (None, count) => format!("PostgreSQL {} was tested: {count} cases.", postgres::version()),
    }
}

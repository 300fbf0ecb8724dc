//! How a number is said in a report.
//!
//! | qualifier | said | of a value v |
//! |---|---|---|
//! | exact | N | v = N |
//! | nearly | 近N | 0.9 N ≤ v < N |
//! | over | N余, N多 | N ≤ v < N + step |
//! | at_least | N以上 | v ≥ N |
//! | wan | N万 | v / 10,000 without the rest = N |
//!
//! A value that does not fit the qualifier of its figure is said with the one that it fits: never a number that is
//! not true.
use super::figure::{Display, Qualifier, Unit, Value};

const WAN: i64 = 10_000;

/// A value in words, and the qualifier that was true of it.
pub fn say(display: Display, unit: Unit, value: Value) -> (String, Qualifier) {
    let n = value.number;
    let exact = |text: String| (text, Qualifier::Exact);
    match display {
        Display::Number(_, _, word) if unit == Unit::Yuan => money(n, word),
        Display::Number(Qualifier::Exact, _, word) => exact(format!("{n}{word}")),
        Display::Number(Qualifier::AtLeast, _, word) => (format!("{n}{word}以上"), Qualifier::AtLeast),
        Display::Number(Qualifier::Wan, _, word) if n >= WAN => (format!("{}万{word}", n / WAN), Qualifier::Wan),
        Display::Number(Qualifier::Wan, _, word) => exact(format!("{n}{word}")),
        Display::Number(Qualifier::Nearly, step, word) => nearly(n, step, word),
        Display::Number(Qualifier::Over, step, word) => over(n, step, "余", plain, word),
        Display::Many(step, word) => over(n, step, "多", plain, word),
        Display::ManyInWords(step, word) => over(n, step, "多", counted, word),
        Display::Rank if n > 0 => exact(format!("第{}名", numeral(n))),
        Display::Rank => exact("—".into()),
        Display::PlusOptional => exact(format!("{n}+N")),
        Display::Powers => exact(powers(value)),
        Display::Named(word) => exact(format!("{}{word}", numeral(n))),
        Display::Trend if value.rising => exact("持续提高".into()),
        Display::Trend => exact(if n > 0 { "保持稳定" } else { "—" }.into()),
        Display::Open if value.of > 0 && n == 100 => exact("全部开放".into()),
        Display::Open => exact(format!("开放率{n}%")),
        Display::Silent => exact("—".into()),
    }
}

/// Fen as yuan, in ten thousands where there is no rest.
fn money(fen: i64, word: &str) -> (String, Qualifier) {
    let (yuan, rest) = (fen / 100, fen % 100);
    let text = match rest {
        0 if yuan >= WAN && yuan % WAN == 0 => format!("{}万{word}", yuan / WAN),
        0 => format!("{yuan}{word}"),
        _ => format!("{yuan}.{rest:02}{word}"),
    };
    (text, Qualifier::Exact)
}

/// 近200场 of 197; with a smaller step where a tenth would be missing, and 余 where that does not help.
fn nearly(n: i64, step: i64, word: &str) -> (String, Qualifier) {
    let mut step = step.max(1);
    while step >= 10 {
        let round = (n + step - 1) / step * step;
        if round == n {
            return (format!("{n}{word}"), Qualifier::Exact);
        }
        if n > 0 && 10 * n >= 9 * round {
            return (format!("近{}{word}", plain(round)), Qualifier::Nearly);
        }
        step /= 10;
    }
    over(n, 10, "余", plain, word)
}

/// 3000余人 of 3,086; 30余万人 of 306,500; 5万余人 of 51,200.
fn over(n: i64, step: i64, more: &str, say: fn(i64) -> String, word: &str) -> (String, Qualifier) {
    let step = step.max(1);
    let round = n / step * step;
    if round == n || round == 0 {
        return (format!("{}{word}", plain(n)), Qualifier::Exact);
    }
    let text = match round % WAN {
        // 30余万 leaves out less than ten of the ten thousands, 5万余 less than one.
        0 if step >= 10 * WAN => format!("{}{more}万{word}", say(round / WAN)),
        0 => format!("{}万{more}{word}", say(round / WAN)),
        _ => format!("{}{more}{word}", say(round)),
    };
    (text, Qualifier::Over)
}

fn plain(n: i64) -> String {
    n.to_string()
}

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

fn digit(n: i64) -> &'static str {
    usize::try_from(n).ok().and_then(|n| DIGITS.get(n)).copied().unwrap_or_default()
}

/// A number below a hundred in Chinese numerals; another one in digits.
fn numeral(n: i64) -> String {
    match (n / 10, n % 10) {
        (0, ones) => digit(ones).into(),
        (1, 0) => "十".into(),
        (1, ones) => format!("十{}", digit(ones)),
        (tens @ 2..=9, 0) => format!("{}十", digit(tens)),
        (tens @ 2..=9, ones) => format!("{}十{}", digit(tens), digit(ones)),
        _ => plain(n),
    }
}

/// The same before what it counts: two is 两.
fn counted(n: i64) -> String {
    if n == 2 { "两".into() } else { numeral(n) }
}

/// 百千万: targets of a hundred, a thousand and ten thousand, whose sum shows which powers of ten there are.
fn powers(targets: Value) -> String {
    const NAMES: [(i64, &str); 4] = [(100, "百"), (1000, "千"), (10_000, "万"), (100_000, "十万")];
    let (mut rest, mut name, mut found) = (targets.of, String::new(), 0);
    for (power, word) in NAMES.iter().rev() {
        if rest >= *power {
            rest -= power;
            found += 1;
            name.insert_str(0, word);
        }
    }
    let named = rest == 0 && found == targets.number && found > 1;
    if named { name } else { format!("{}项指标", targets.number) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(display: Display, n: i64) -> String {
        say(display, Unit::Count, Value::of(n)).0
    }

    #[test]
    fn numbers_are_said_as_reports_say_them() {
        use Qualifier as Q;
        let number = |q, step, word| Display::Number(q, step, word);
        for (display, n, text) in [
            (number(Q::Nearly, 100, "人"), 98, "近100人"),
            (number(Q::Nearly, 100, "场"), 197, "近200场"),
            (number(Q::Nearly, 100, "场"), 200, "200场"),
            (number(Q::Nearly, 100, "场"), 150, "150场"),
            (number(Q::Nearly, 100, "场"), 141, "近150场"),
            (number(Q::Nearly, 100, "场"), 12, "10余场"),
            (number(Q::Nearly, 100, "场"), 45, "近50场"),
            (number(Q::Nearly, 100, "场"), 0, "0场"),
            (number(Q::Over, 1000, "人"), 3086, "3000余人"),
            (number(Q::Over, 100, "名"), 2317, "2300余名"),
            (number(Q::Over, 100_000, "人"), 306_500, "30余万人"),
            (number(Q::Over, 10_000, "人"), 51_200, "5万余人"),
            (number(Q::Over, 1000, "人"), 999, "999人"),
            (number(Q::Over, 1000, "人"), 3000, "3000人"),
            (number(Q::Wan, WAN, "人次"), 1_030_000, "103万人次"),
            (number(Q::Wan, WAN, "人次"), 9_999, "9999人次"),
            (number(Q::AtLeast, 1, "人"), 10_000, "10000人以上"),
            (Display::Many(100, "名"), 218, "200多名"),
            (Display::Many(10, "场"), 33, "30多场"),
            (Display::ManyInWords(10_000, "张"), 20_400, "两万多张"),
            (Display::Rank, 1, "第一名"),
            (Display::Rank, 2, "第二名"),
            (Display::Rank, 12, "第十二名"),
            (Display::PlusOptional, 7, "7+N"),
            (Display::Named("强"), 5, "五强"),
            (Display::Named("个机制"), 3, "三个机制"),
        ] {
            assert_eq!(said(display, n), text, "{display:?} {n}");
        }
        let yuan = Display::Number(Q::Exact, 1, "元");
        for (fen, text) in [(1_000_000, "1万元"), (1_250_000, "12500元"), (99_950, "999.50元")] {
            assert_eq!(say(yuan, Unit::Yuan, Value::of(fen)).0, text);
        }
        assert_eq!(say(Display::Open, Unit::Percent, Value { number: 100, rising: false, of: 20 }).0, "全部开放");
        assert_eq!(say(Display::Open, Unit::Percent, Value { number: 95, rising: false, of: 20 }).0, "开放率95%");
        let targets = |number, of| say(Display::Powers, Unit::Count, Value { number, rising: false, of }).0;
        assert_eq!(
            [targets(3, 11_100), targets(2, 1_100), targets(3, 11_200), targets(1, 500)],
            ["百千万", "百千", "3项指标", "1项指标"]
        );
        assert_eq!(say(Display::Trend, Unit::Yuan, Value { number: 3, rising: true, of: 0 }).0, "持续提高");
    }

    proptest! {
        // What the words claim is true of every value, by the table above.
        #[test]
        fn no_word_says_more_than_is_true(n in 0i64..3_000_000, power in 1u32..6) {
            let step = 10i64.pow(power);
            for q in [Qualifier::Nearly, Qualifier::Over, Qualifier::Wan, Qualifier::Exact] {
                let (text, used) = say(Display::Number(q, step, ""), Unit::Count, Value::of(n));
                let scale = if text.contains('万') { WAN } else { 1 };
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let claimed = digits.parse::<i64>().unwrap() * scale;
                match used {
                    Qualifier::Exact => prop_assert_eq!(claimed, n),
                    Qualifier::Nearly => prop_assert!(10 * n >= 9 * claimed && n < claimed, "{} of {}", text, n),
                    Qualifier::Over => prop_assert!(claimed < n && n < claimed + step.max(10), "{} of {}", text, n),
                    Qualifier::Wan => prop_assert_eq!(claimed / WAN, n / WAN),
                    Qualifier::AtLeast => prop_assert!(false),
                }
            }
        }
    }
}

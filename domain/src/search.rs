//! What a text is found by: its parts, its pinyin, its initials; of a phone number its last digits.
//!
//! Each is a term; a question finds the records that have a term which begins with it. So a database finds them in an
//! index, without looking at the texts.
use pinyin::ToPinyin;
use std::collections::BTreeSet;

/// Counts up when a text comes to have other terms, so that stored ones are made anew.
pub const FORM: u32 = 1;
/// Characters in a term at most. A longer question is asked in parts of this length.
const LONGEST: usize = 32;
/// The characters of a text at which a term begins at most.
const STARTS: usize = 200;
/// Up to so many characters a text is a person's name, which is spelt from its beginning; a longer one from any character.
const NAME: usize = 4;
/// Digits by which a phone number may be asked for at least.
const DIGITS: usize = 4;
/// Stands before the digits of a phone number, the last first. No question begins with it.
const PHONE: char = '\u{1}';
/// How characters are read as surnames, where it is not how the dictionary has them first, or not only so. All the
/// readings of a dictionary would be too many: 王 is `yu` once in old books, and who types that means somebody else.
const SURNAMES: &[(char, &[&str])] = &[
    ('单', &["shan"]),
    ('曾', &["zeng"]),
    ('仇', &["qiu"]),
    ('解', &["xie"]),
    ('查', &["zha"]),
    ('盖', &["ge"]),
    ('葛', &["ge"]),
    ('乐', &["yue", "le"]),
    ('翟', &["zhai"]),
    ('朴', &["piao"]),
    ('缪', &["miao"]),
    ('覃', &["qin", "tan"]),
    ('种', &["chong"]),
    ('员', &["yun"]),
    ('召', &["shao"]),
    ('折', &["she"]),
    ('洗', &["xian"]),
    ('冼', &["xian"]),
    ('纪', &["ji"]),
    ('秘', &["bi"]),
    ('燕', &["yan"]),
    ('宓', &["mi"]),
    ('黑', &["he"]),
    ('区', &["ou"]),
    ('任', &["ren"]),
    ('华', &["hua"]),
    ('那', &["na"]),
    ('撒', &["sa"]),
    ('祭', &["zhai"]),
    ('隗', &["wei", "kui"]),
    ('贲', &["ben"]),
    ('郇', &["xun", "huan"]),
    ('郗', &["xi", "chi"]),
    ('都', &["du"]),
    ('瞿', &["qu"]),
    ('繁', &["po"]),
    ('尉', &["wei", "yu"]),
    ('长', &["zhang"]),
    ('澹', &["tan"]),
    ('重', &["chong"]),
    ('柏', &["bai", "bo"]),
    ('薄', &["bo", "bao"]),
    ('牟', &["mu", "mou"]),
    ('谌', &["chen", "shen"]),
    ('句', &["gou"]),
    ('么', &["yao"]),
    ('莘', &["shen", "xin"]),
    ('过', &["guo"]),
    ('盛', &["sheng"]),
    ('应', &["ying"]),
    ('宁', &["ning"]),
    ('占', &["zhan"]),
    ('曲', &["qu"]),
    ('车', &["che"]),
    ('贾', &["jia"]),
    ('沈', &["shen"]),
    ('石', &["shi"]),
    ('能', &["nai"]),
];
/// Surnames of two characters of which the second is read otherwise too, or the first only here.
const DOUBLE: &[(&str, [&str; 2])] = &[("万俟", ["mo", "qi"]), ("单于", ["chan", "yu"])];

/// Adds the terms by which a field's value is found.
pub fn terms(field: &str, text: &str, terms: &mut BTreeSet<String>) {
    if is_phone(field) {
        let digits: String = text.chars().rev().filter(char::is_ascii_digit).collect();
        if digits.len() >= DIGITS {
            terms.insert(format!("{PHONE}{digits}"));
        }
        return;
    }
    let text = normal(text);
    let chars: Vec<char> = text.chars().collect();
    for from in 0..chars.len().min(STARTS) {
        let rest = chars.iter().skip(from).take(LONGEST);
        terms.insert(rest.clone().collect());
        if from > 0 && chars.len() <= NAME {
            continue;
        }
        let Some(first) = rest.clone().next() else { continue };
        let readings =
            if from == 0 { readings(*first) } else { first.to_pinyin().map(|p| p.plain()).into_iter().collect() };
        if readings.is_empty() {
            continue;
        }
        let others: Vec<String> =
            rest.skip(1).map(|c| c.to_pinyin().map_or_else(|| c.to_string(), |p| p.plain().to_owned())).collect();
        for reading in readings {
            spell(reading, &others, terms);
        }
    }
    for (surname, [first, second]) in DOUBLE {
        if let Some(rest) = text.strip_prefix(surname) {
            let rest = rest.chars().map(|c| c.to_pinyin().map_or_else(|| c.to_string(), |p| p.plain().to_owned()));
            let others: Vec<String> = std::iter::once((*second).to_owned()).chain(rest).collect();
            spell(first, &others, terms);
        }
    }
}

/// The pinyin of a text, and its initials.
fn spell(first: &str, others: &[String], terms: &mut BTreeSet<String>) {
    let all = || std::iter::once(first).chain(others.iter().map(String::as_str));
    let full: String = all().flat_map(str::chars).take(LONGEST).collect();
    let initials: String = all().filter_map(|syllable| syllable.chars().next()).take(LONGEST).collect();
    for spelt in [full, initials] {
        // 吕 is typed lv, and written lu.
        if spelt.contains('ü') {
            terms.insert(spelt.replace('ü', "u"));
        }
        terms.insert(spelt.replace('ü', "v"));
    }
}

/// How the first character of a text may be read: 单 as the dictionary has it, and as a surname.
fn readings(c: char) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = c.to_pinyin().map(|p| p.plain()).into_iter().collect();
    let surname = SURNAMES.iter().find(|(of, _)| *of == c).map(|(_, readings)| *readings).unwrap_or_default();
    all.extend(surname.iter().filter(|reading| !all.contains(reading)).copied().collect::<Vec<_>>());
    all
}

/// Beginnings of terms. A record is found when of each group one is the beginning of a term of it.
pub fn asked(text: &str) -> Vec<Vec<String>> {
    let chars: Vec<char> = normal(text).replace('ü', "v").chars().collect();
    let mut groups: Vec<Vec<String>> = chars.chunks(LONGEST).map(|part| vec![part.iter().collect()]).collect();
    let digits: String = chars.iter().rev().filter(|c| c.is_ascii_digit()).collect();
    let number = digits.len() >= DIGITS && chars.iter().all(|c| c.is_ascii_digit() || *c == '-');
    if let ([one], true) = (groups.as_mut_slice(), number) {
        one.push(format!("{PHONE}{digits}"));
    }
    groups
}

/// Without white space, in lower case as far as both engines agree on it.
fn normal(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_phone(field: &str) -> bool {
    ["phone", "mobile", "landline"].iter().any(|name| field.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(field: &str, text: &str, asked_for: &str) -> bool {
        let mut all = BTreeSet::new();
        terms(field, text, &mut all);
        let groups = asked(asked_for);
        !groups.is_empty()
            && groups.iter().all(|group| group.iter().any(|from| all.iter().any(|term| term.starts_with(from))))
    }

    #[test]
    fn a_name_is_found_by_its_parts_its_pinyin_and_its_initials() {
        for q in ["张三丰", "张三", "三丰", "丰", "zhangsanfeng", "zhangsan", "zhang san", "ZhangSan", "zsf", "zs"]
        {
            assert!(found("name", "张三丰", q), "{q}");
        }
        for q in ["李", "三张", "sanfeng", "zf", "zhangs f", "ang", "yu"] {
            assert!(!found("name", "张三丰", q), "{q}");
        }
    }

    #[test]
    fn a_surname_is_found_by_each_of_its_readings() {
        for (name, q) in [
            ("单志远", "shanzhiyuan"),
            ("单志远", "szy"),
            ("曾广田", "zenggt".trim_end_matches("gt")),
            ("仇兴国", "qiu"),
            ("解放军", "xie"),
            ("查理", "zha"),
            ("尉迟恭", "yuchi"),
            ("万俟卓", "moqizhuo"),
            ("万俟卓", "mqz"),
            ("吕布", "lvbu"),
            ("吕布", "lubu"),
            ("区建国", "ou"),
        ] {
            assert!(found("name", name, q), "{name} {q}");
        }
    }

    #[test]
    fn a_reading_of_old_books_finds_nobody() {
        assert!(found("name", "王建国", "wjg") && !found("name", "王建国", "yu") && !found("name", "石磊", "dan"));
    }

    #[test]
    fn a_longer_text_is_found_from_any_of_its_characters() {
        for q in ["水利局", "单县", "县水", "shuiliju", "slj", "heze", "hzs"] {
            assert!(found("name", "菏泽市单县水利局", q), "{q}");
        }
        let long = "甲乙丙丁".repeat(20);
        assert!(found("name", &long, &long[12..240]));
        assert!(!found("name", &long, &format!("{}戊", &long[..240])));
    }

    #[test]
    fn a_phone_number_is_found_by_its_last_digits() {
        for q in ["0831", "13800000831", "00000831", "0000-0831"] {
            assert!(found("mobile", "13800000831", q), "{q}");
        }
        for q in ["831", "1380", "83", "zs"] {
            assert!(!found("mobile", "13800000831", q), "{q}");
        }
        assert!(found("landline", "0530-1234567", "4567") && !found("name", "13800000831", "\u{1}138"));
    }

    #[test]
    fn a_name_has_a_handful_of_terms() {
        // 王 has a second reading, with a spelling and initials of its own.
        for (name, most) in [("王建国", 7), ("孔令文", 5), ("李强", 4)] {
            let mut all = BTreeSet::new();
            terms("name", name, &mut all);
            assert!(all.len() <= most, "{all:?}");
        }
    }
}

//! Instants as answers show them.
use chrono::{DateTime, Utc};

/// RFC 3339 in UTC with milliseconds.
pub fn instant<S: serde::Serializer>(at: &DateTime<Utc>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(std::str::from_utf8(&instant_text(at)).unwrap_or_default())
}
/// The same as ASCII. By hand: this stands twice in every record, and the general formatter shows in a list's profile.
pub fn instant_text(at: &DateTime<Utc>) -> [u8; 24] {
    use chrono::{Datelike, Timelike};
    let at = at.naive_utc();
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut put = |from: usize, digits: usize, mut value: u32| {
        for place in text.iter_mut().skip(from).take(digits).rev() {
            *place = b'0' + u8::try_from(value % 10).unwrap_or_default();
            value /= 10;
        }
    };
    put(0, 4, u32::try_from(at.year()).unwrap_or_default());
    put(5, 2, at.month());
    put(8, 2, at.day());
    put(11, 2, at.hour());
    put(14, 2, at.minute());
    put(17, 2, at.second());
    put(20, 3, (at.nanosecond() / 1_000_000).min(999));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[test]
    fn an_instant_reads_as_chrono_writes_it() {
        #[derive(Serialize)]
        struct At(#[serde(serialize_with = "instant")] DateTime<Utc>);
        for (seconds, nanos) in
            [(0, 0), (1_640_916_000, 999_999_999), (951_782_399, 1_000_000), (4_102_444_799, 123_456_789)]
        {
            let at = DateTime::from_timestamp(seconds, nanos).unwrap();
            let expected = at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
            assert_eq!(serde_json::to_value(At(at)).unwrap(), serde_json::Value::from(expected));
        }
    }
}

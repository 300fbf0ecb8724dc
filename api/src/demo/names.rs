//! Names of persons who do not exist: a common surname with two characters of the kind this region's families
//! choose. The characters are picked so that the names of well-known people hardly come up, and [`BANNED`]
//! holds back those that would.
use super::random::{Random, hash};
use domain::codes::{Ethnicity, Sex};

/// The first ten are the surnames of every second person.
const SURNAMES: &str = "王李张刘陈杨赵孙周马朱郭高宋徐孔孟曹丁冯侯邵程董田任姜范石谢韩魏贾邹秦薛闫段雷史\
                        陶贺毛郝顾龚万钱严武戴祝晁苏吕梁彭袁许蒋于何吴胡郑";
const HUI_SURNAMES: &str = "马沙丁白海金哈";
const MALE: (&str, &str) =
    ("兆允效昌宪圣广敬怀本令衍传呈居培运其善守茂", "勤启连彬训科进领合彦群运堂臣修朴谦阔策甫章序恒常典");
const FEMALE: (&str, &str) = ("秀桂玉凤爱淑素月翠金巧合美", "芝菊粉勤苓婉端慈俭芹蕊葵荷棉苹");

/// FNV-1a of the names that must not come up: those in the text this model follows, and some of public
/// persons that the characters allow. Hashes, so that no real name stands in the code.
#[rustfmt::skip]
const BANNED: [u64; 36] = [
    0x00f3_3e69_cbac_04c3, 0x057e_bb3c_4138_e768, 0x1a3d_1437_24f0_6550, 0x2128_2df7_ecf9_1902,
    0x22dd_ae72_b2f1_f93b, 0x22dd_d272_b2f2_3667, 0x451d_905b_a809_ea39, 0x4bac_e6a3_d285_5cb4,
    0x4bd4_cb82_6a9b_c52b, 0x573d_a96f_9ffa_5b69, 0x574f_782f_28b2_3525, 0x5812_359d_664c_9aed,
    0x5b62_9efa_4280_4295, 0x61a2_c91c_3f6c_bf87, 0x7378_bc96_63f4_6d6a, 0x76a6_00cc_9e89_b483,
    0x7920_0fab_a5e3_8d03, 0x8610_d96a_f32b_87ca, 0x877b_0605_5548_92e0, 0x885f_293a_0f65_6112,
    0x9e30_500c_c93d_608d, 0xa04a_ec16_0fe2_4ef5, 0xa9fc_1315_50eb_23bd, 0xaa34_9825_20c9_208e,
    0xb2e0_bdc7_2b7b_bc61, 0xb5b9_9f46_f1e3_c430, 0xbef5_84c9_7b3a_30e4, 0xc7f2_6e84_36e0_7944,
    0xd02e_7683_990b_5a2a, 0xd4bf_a902_b1fc_b0c1, 0xdb8f_e18e_3848_bfbe, 0xdbc6_11c6_4608_5442,
    0xde65_105f_5dfb_2f62, 0xe45d_3208_51f7_bd90, 0xeafd_a3fa_02e6_56e2, 0xf792_aaf6_4e21_fb74,
];

/// A name for a person of this sex and ethnic group.
pub(super) fn person(random: &mut Random, sex: Sex, ethnicity: Ethnicity) -> String {
    let surnames = match ethnicity {
        Ethnicity::Hui => HUI_SURNAMES,
        _ => SURNAMES,
    };
    loop {
        let common = ethnicity != Ethnicity::Hui && random.chance(500);
        let surname = one(random, surnames, if common { 10 } else { usize::MAX });
        let name = given(random, surname, sex);
        if !is_banned(&name) {
            return name;
        }
    }
}

/// A name with the surname of a relative.
pub(super) fn relative(random: &mut Random, of: &str, sex: Sex) -> String {
    let surname = of.chars().next().unwrap_or('王');
    loop {
        let name = given(random, surname, sex);
        if !is_banned(&name) && name != of {
            return name;
        }
    }
}

/// Whether the name belongs to somebody it must not name.
pub(super) fn is_banned(name: &str) -> bool {
    BANNED.contains(&hash(name))
}

fn given(random: &mut Random, surname: char, sex: Sex) -> String {
    let (first, second) = if sex == Sex::Female { FEMALE } else { MALE };
    loop {
        let (a, b) = (one(random, first, usize::MAX), one(random, second, usize::MAX));
        if a != b {
            return String::from_iter([surname, a, b]);
        }
    }
}

/// One of the first `most` characters.
fn one(random: &mut Random, of: &str, most: usize) -> char {
    let count = of.chars().count().min(most);
    of.chars().nth(random.below(count)).unwrap_or('文')
}

//! Every text the server can answer with when something is wrong, in Chinese and English, in one table.
//!
//! [`Problem`] is what a whole request failed with (it decides the HTTP status); [`Rule`] is what one
//! field, or one line of a batch, did wrong. Both are enums, so a code that is not in the table
//! cannot be emitted: `GET /problems` is complete by construction.

macro_rules! problems {
    ($($(#[$m:meta])* $variant:ident = $code:literal $status:literal $retry:literal $zh:literal $en:literal;)+) => {
        /// What a request failed with. Each has one HTTP status, a stable code, and a text in two languages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Problem { $($(#[$m])* #[doc = $en] $variant),+ }
        impl Problem {
            /// All problems, in catalogue order.
            pub const ALL: &'static [Problem] = &[$(Self::$variant),+];
            /// The stable code, such as `validation_failed`.
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The HTTP status this problem is answered with.
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
            /// Whether the same request may succeed later without being changed.
            pub const fn retryable(self) -> bool { match self { $(Self::$variant => $retry),+ } }
            /// The problem with this code, if there is one.
            pub fn parse(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
            /// The title in Chinese.
            pub const fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }
            /// The title in English.
            pub const fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
        }
    };
}

macro_rules! rules {
    ($($variant:ident = $code:literal $zh:literal $en:literal;)+) => {
        /// What one field did wrong, or what about it deserves a warning. `{name}` in a text is filled
        /// from the arguments of the [`Violation`](crate::violations::Violation).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule { $(#[doc = $en] $variant),+ }
        impl Rule {
            /// All rules, in catalogue order.
            pub const ALL: &'static [Rule] = &[$(Self::$variant),+];
            /// The stable code, such as `id_checksum`.
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// The text in Chinese, with `{name}` placeholders.
            pub const fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }
            /// The text in English, with `{name}` placeholders.
            pub const fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
            /// The rule with this code, if there is one.
            pub fn parse(code: &str) -> Option<Rule> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
    };
}

problems! {
    MalformedJson = "malformed_json" 400 false "请求体不是有效的 JSON" "The request body is not valid JSON";
    InvalidParameter = "invalid_parameter" 400 false "请求参数有误" "A query parameter or header is not valid";
    PageTokenMismatch = "page_token_mismatch" 400 false "分页令牌与本次查询不符" "The page token belongs to another query or caller";
    InvalidCursor = "invalid_cursor" 400 false "同步游标无效或与本次请求不符" "The cursor is none of this server, or belongs to another question";
    IdempotencyKeyRequired = "idempotency_key_required" 400 false "缺少 Idempotency-Key 请求头" "A create without a client id needs an Idempotency-Key header";
    Unauthenticated = "unauthenticated" 401 false "未登录或令牌无效" "No valid access token was presented";
    LoginFailed = "login_failed" 401 false "用户名或密码不正确" "The user name or the password is wrong";
    SecondFactorRequired = "second_factor_required" 401 false "需要二次验证:请在 totp 中填写动态码或恢复码" "A code of the second factor is needed in `totp`: from the phone, or a recovery code";
    SessionEnded = "session_ended" 401 false "会话已结束,请重新登录" "The session has ended: sign in again";
    Forbidden = "forbidden" 403 false "没有此项操作的权限" "This caller may not do this";
    SecondFactorMissing = "second_factor_missing" 403 false "该角色必须先启用二次验证" "This role must set up a second factor first";
    TokenAddress = "token_address" 403 false "该令牌不得从此网络地址使用" "The token may not be used from this address";
    TokenMethod = "token_method" 403 false "该令牌不得使用此请求方法" "The token may not be used with this method";
    InPerson = "in_person" 403 false "此项操作须由本人登录后进行" "This is done by a user who has signed in, not with an API token";
    PurposeRequired = "purpose_required" 403 false "查看敏感信息须说明用途和理由" "Sensitive fields are revealed for a purpose and a reason, which are missing";
    NotFound = "not_found" 404 false "记录不存在" "There is no such record";
    MethodNotAllowed = "method_not_allowed" 405 false "该地址不支持此方法" "This address does not take this method";
    RequestTimeout = "request_timeout" 408 true "请求体到达过慢" "The body did not come, or came too slowly";
    AlreadyExists = "already_exists" 409 false "记录已存在" "A record with this key exists already";
    DuplicatePerson = "duplicate_person" 409 false "该公民身份号码已登记" "This ID number is registered already";
    InUse = "in_use" 409 false "记录仍被引用,不能删除" "Other records still refer to this one";
    TransferBlocked = "transfer_blocked" 409 false "尚有未办结事项,不能办结转接" "The transfer cannot be completed while items of the cadre are open";
    PeriodOverlap = "period_overlap" 409 false "与同类标准的有效期重叠" "The period overlaps another one of the same kind and scope";
    MedalExists = "medal_exists" 409 false "该同志已有“光荣在党50年”纪念章记录" "This person has a 50-year medal already";
    PoolExhausted = "pool_exhausted" 409 false "医药费统筹金余额不足" "The medical pool does not hold so much";
    Capacity = "capacity" 409 false "名额已满" "There is no place left";
    StayOfYear = "stay_of_year" 409 false "该同志本年度已安排疗养" "The cadre has a sanatorium stay in this year already";
    AppendOnly = "append_only" 409 false "账目只能追加,不能修改或删除,有误应冲销" "Entries are added and never changed or deleted: a mistake is reversed";
    Quota = "quota" 409 false "超出评选表扬名额" "The quota of the category is used up";
    ConsentRequired = "consent_required" 409 false "未取得本人有效的单独同意" "The person has not consented to this, or no longer does";
    ClassFull = "class_full" 409 false "班级名额已满" "All places of the class are taken";
    IdempotencyInFlight = "idempotency_in_flight" 409 true "相同请求正在处理" "A request with this Idempotency-Key is still running";
    OpGap = "op_gap" 409 false "操作序号不连续,请从 expected_op_seq 起重发" "The numbers of the operations do not go on where the server stands: send again from the one it expects";
    EpochChanged = "epoch_changed" 409 false "服务器已从备份恢复,请先查询同步状态" "The server was restored from a backup: ask for the state of synchronisation first";
    OpReused = "op_reused" 409 false "操作编号已用于另一操作" "This operation id was used for another operation";
    Blocked = "blocked" 409 false "所依赖的操作未成功" "What this operation depends on did not succeed";
    RecordDeleted = "record_deleted" 409 false "记录已被删除" "The record is deleted";
    TokenNotActive = "token_not_active" 409 false "令牌已轮换、吊销或过期" "The token was rotated or revoked before, or has expired";
    ConflictResolved = "conflict_resolved" 409 false "该冲突已处理" "This conflict was decided already";
    UploadGap = "upload_gap" 409 false "续传位置不连续" "The part does not go on where the upload stands";
    UploadBusy = "upload_busy" 409 true "该文件的另一部分正在上传" "Another part of this upload is on its way";
    JobEnded = "job_ended" 409 false "任务已结束" "The job has ended";
    WrongState = "wrong_state" 409 false "记录当前状态不允许此操作" "The record is in a state that has no such step";
    CursorGone = "cursor_gone" 410 false "同步游标已失效,请重新获取快照" "The cursor is dead: begin anew with a snapshot";
    PreconditionFailed = "precondition_failed" 412 false "记录已被他人修改" "The record has changed since the version named by If-Match";
    PayloadTooLarge = "payload_too_large" 413 false "请求体过大" "The request body is too large";
    UnsupportedMediaType = "unsupported_media_type" 415 false "不支持的内容类型" "The content type of the body is not supported here";
    RangeNotSatisfiable = "range_not_satisfiable" 416 false "请求的范围超出文件" "The range lies outside the file";
    ValidationFailed = "validation_failed" 422 false "数据校验未通过" "The data does not pass validation";
    HashMismatch = "hash_mismatch" 422 false "文件内容与其摘要不符" "The content has another hash than its address says";
    IdempotencyKeyReused = "idempotency_key_reused" 422 false "Idempotency-Key 已用于另一请求" "This Idempotency-Key was used with another body";
    PreconditionRequired = "precondition_required" 428 false "缺少 If-Match 请求头" "This change needs an If-Match header";
    TooManyRequests = "too_many_requests" 429 true "请求过于频繁" "Too many requests";
    RevealQuota = "reveal_quota" 429 true "今日查看敏感信息的数量已达上限" "This account has revealed as many fields as it may in a day";
    Internal = "internal" 500 false "服务器内部错误" "The server failed; the request id leads to the cause in its log";
    Unavailable = "unavailable" 503 true "服务暂不可用,请稍后重试" "The server cannot do this right now; try again after the time given";
}

rules! {
    // Form
    Required = "required" "必填" "This field is required";
    UnknownField = "unknown_field" "没有这个字段" "There is no such field";
    ReadOnly = "read_only" "该字段由系统维护,不能写入" "This field is kept by the server and cannot be written";
    WrongType = "wrong_type" "类型不符,应为 {expected}" "Wrong type; expected {expected}";
    UnknownCode = "unknown_code" "代码不在代码集 {set} 中" "This code is not in the code set {set}";
    TooLong = "too_long" "最多 {max} 个字符" "At most {max} characters";
    TooShort = "too_short" "至少 {min} 个字符" "At least {min} characters";
    TooMany = "too_many" "最多 {max} 项" "At most {max} items";
    TooFew = "too_few" "至少 {min} 项" "At least {min} items";
    TooSmall = "too_small" "不得小于 {min}" "Must not be less than {min}";
    TooLarge = "too_large" "不得大于 {max}" "Must not be more than {max}";
    Pattern = "pattern" "格式不符" "The form is not the one required";
    ControlCharacter = "control_character" "含有不允许的控制字符" "Contains a control character";
    FieldHidden = "field_hidden" "不能按您无权查看的字段查询、排序或检索" "The caller may not see this field, and so cannot ask by it";
    NotHidden = "not_hidden" "该字段不是敏感字段,可直接读取" "This field is not hidden: it is read as it is";
    RevealsLeft = "reveals_left" "每日上限 {max} 项,今日剩余 {left} 项" "At most {max} fields a day, of which {left} are left today";
    MentionedBy = "mentioned_by" "{resource} 的 {field} 仍提及此人,请先更正" "{resource} mentions the person in {field}: change that first";
    MaskedValue = "masked_value" "这是脱敏后的值,不能写回" "This is a masked value and cannot be written back";
    InvalidUuid = "invalid_uuid" "应为 UUID" "Must be a UUID";
    PartialDateFormat = "partial_date_format" "应为 YYYY、YYYY-MM 或 YYYY-MM-DD" "Must be YYYY, YYYY-MM or YYYY-MM-DD";
    DateFormat = "date_format" "应为 YYYY-MM-DD" "Must be YYYY-MM-DD";
    InstantFormat = "instant_format" "应为 RFC 3339 时间" "Must be an RFC 3339 instant";
    MoneyFormat = "money_format" "应为最多两位小数的十进制字符串,如 \"5000.00\"" "Must be a decimal string with at most two places, such as \"5000.00\"";
    RateFormat = "rate_format" "应为最多六位小数的十进制字符串,如 \"0.005\"" "Must be a decimal string with at most six places, such as \"0.005\"";
    DivisionFormat = "division_format" "应为 6、9 或 12 位行政区划代码" "Must be a division code of 6, 9 or 12 digits";
    UnknownFilter = "unknown_filter" "不支持按该字段或方式筛选" "This list has no such filter";
    UnknownSort = "unknown_sort" "不支持按该字段排序" "This list cannot be sorted by that";
    UnknownExpand = "unknown_expand" "不支持展开该关联" "This record has no such relation to expand";
    UnknownParameter = "unknown_parameter" "没有这个查询参数" "There is no such query parameter";
    // Synchronisation
    OtherQuestion = "other_question" "游标属于另一组资源" "The cursor belongs to other resources";
    ScopeChanged = "scope_changed" "本账号可见的范围已改变" "What this caller sees has changed";
    EpochChanged = "epoch_changed" "服务器已从备份恢复" "The server was restored from a backup";
    SchemaChanged = "schema_changed" "记录的格式已改变" "The form of the records has changed";
    CursorExpired = "expired" "已超过保留期" "Older than the feed is kept";
    OpOrder = "op_order" "操作序号应为 {expected}" "The number of this operation must be {expected}";
    OpNumberUsed = "op_number_used" "该序号已用于另一操作,下一个序号为 {expected}" "This number was used for another operation; the next one is {expected}";
    GroupTorn = "group_torn" "同组操作应相邻" "The operations of a group must stand together";
    GroupFailed = "group_failed" "同组的操作 {op_id} 未成功" "Operation {op_id} of the same group did not succeed";
    DependencyFailed = "dependency_failed" "所依赖的操作 {op_id} 未成功" "Operation {op_id}, on which this one depends, did not succeed";
    UnknownEntity = "unknown_entity" "没有这种记录" "There is no such resource to synchronise";
    UnknownEpoch = "unknown_epoch" "服务器不认识这个 epoch" "The server does not know this epoch";
    AlreadyRegistered = "already_registered" "该人员已在本辖区登记" "This person is registered within your divisions already";
    AlreadyInCare = "already_in_care_at" "该人员已由 {division} 登记管理,请办理转接" "This person is in the care of {division}: a transfer is the way";
    // Files
    UnknownColumn = "unknown_column" "没有对应的字段;请改用模板中的列名,或在 mapping 中指定,不导入的列映射为空" "This column is no field: use the header of the template, or say in `mapping` what it means, nothing where it is left out";
    RepeatedColumn = "repeated_column" "与另一列指同一字段" "Another column means the same field";
    RepeatedRow = "repeated_row" "与第 {row} 行是同一记录" "The same record as in row {row}";
    UnreadableFile = "unreadable_file" "文件无法读取:{cause}" "The file cannot be read: {cause}";
    NumberPrecision = "number_precision" "数字已失去精度,请将该列设为文本后重新填写" "The spreadsheet has lost digits of this number: make the column a text and enter it again";
    AmbiguousDate = "ambiguous_date" "年月不明确(如 1947.1 可能是 1 月或 10 月),请写作 1947-01 或 1947-10" "The month is not certain: 1947.1 may be January or October; write 1947-01 or 1947-10";
    AmbiguousReference = "ambiguous_reference" "有多条记录符合,请改用 id 或外部编号" "Several records are meant by this: give an id or the id in the other system";
    // States
    NotInThisState = "not_in_this_state" "当前状态为 {state},可执行的操作:{verbs}" "The record is in the state {state}, where these steps are possible: {verbs}";
    StepOfOthers = "step_of_others" "本账号不能执行此步骤({verb})" "The step {verb} is not this caller's to take";
    FieldOfOthers = "field_of_others" "该字段由工作部门填写" "This field is the office's to fill in";
    NotOfThisStep = "not_of_this_step" "此步骤不能填写该字段" "This step does not take this field";
    SignatureInvalid = "signature_invalid" "签名不是本系统所作" "Not signed by this server";
    // References
    UnknownFile = "unknown_file" "没有此文件,或本账号未上传、无权查看" "There is no such file, or the caller has neither uploaded nor may see it";
    FileType = "file_type" "不接受此类文件({found})" "Files of this type are not taken ({found})";
    FileTypeDiffers = "file_type_differs" "内容为 {found},与声明的 {declared} 不符" "The content is {found}, not {declared} as declared";
    FileActive = "file_active" "文件含有宏或脚本,不予接受" "Files with macros or scripts are not taken";
    FileHash = "file_hash" "内容的 SHA-256 为 {found},与地址不符" "The content's SHA-256 is {found}, not the one of the address";
    FileOffset = "file_offset" "应从第 {expected} 字节续传" "The next part begins at byte {expected}";
    UnknownReference = "unknown_reference" "引用的记录不存在" "The record referred to does not exist";
    StillReferred = "still_referred" "仍有 {resource} 的 {field} 引用此记录" "Records of {resource} still refer to this one by {field}";
    OutsideScope = "outside_scope" "不在本账号的管理范围内" "Outside the divisions of this caller";
    UnknownDivision = "unknown_division" "没有这个区划代码" "There is no such division";
    DivisionEnded = "division_ended" "该区划已于 {valid_to} 停用,应改用 {successor_code}" "This division ended on {valid_to}; use {successor_code}";
    DivisionNotYet = "division_not_yet" "该区划自 {valid_from} 起启用" "This division begins on {valid_from}";
    Cycle = "cycle" "上级关系成环" "The chain of parents would be a circle";
    // Dates
    DateOrder = "date_order" "应晚于 {other}" "Must be later than {other}";
    PeriodOrder = "period_order" "不得早于 {other}" "Must not be earlier than {other}";
    // Identity numbers
    IdLength = "id_length" "公民身份号码应为 18 位(旧号 15 位)" "An ID number has 18 digits (15 in the old form)";
    IdFormat = "id_format" "公民身份号码格式不正确" "Not the form of an ID number";
    IdRegion = "id_region" "公民身份号码的省级代码不存在" "The province of the ID number does not exist";
    IdBirthDate = "id_birth_date" "公民身份号码中的出生日期不存在" "The birth date in the ID number is not a date";
    IdChecksum = "id_checksum" "公民身份号码校验码不正确" "The check digit of the ID number is wrong";
    LegacyId = "legacy_id" "15 位旧号已升位为 18 位" "The old 15-digit number was upgraded to 18 digits";
    IdSexMismatch = "id_sex_mismatch" "性别与公民身份号码不一致" "The sex differs from the one in the ID number";
    IdBirthMismatch = "id_birth_mismatch" "出生日期与公民身份号码不一致" "The birth date differs from the one in the ID number";
    UsccLength = "uscc_length" "统一社会信用代码应为 18 位" "A unified social credit code has 18 characters";
    UsccFormat = "uscc_format" "统一社会信用代码含有不允许的字符" "Not the alphabet of a unified social credit code";
    UsccChecksum = "uscc_checksum" "统一社会信用代码校验码不正确" "The check character of the unified social credit code is wrong";
    Phone = "phone" "应为 11 位手机号" "Must be a mobile number of 11 digits";
    Landline = "landline" "应为带区号的固定电话" "Must be a landline number with its area code";
    // Cadres
    LixiuDate = "lixiu_date" "离休干部参加革命工作时间应不晚于 1949-09-30" "A lixiu cadre joined revolutionary work on 1949-09-30 at the latest";
    JoinAge = "join_age" "参加革命工作时不满 10 岁,请核对" "Less than 10 years old when joining revolutionary work: please verify";
    RetireAge = "retire_age" "退休时年龄为 {age} 岁,请核对" "Retired at the age of {age}: please verify";
    DeceasedDate = "deceased_date" "已去世人员应填去世日期,健在人员不应填" "A date of death belongs to a deceased cadre, and only there";
    SameUnit = "same_unit" "转出单位与转入单位相同" "The giving and the receiving unit are the same";
    ChecklistOpen = "checklist_open" "清单中尚有未完成事项:{item}" "The checklist has a step that is not done: {item}";
    FutureDate = "future_date" "不得晚于今天({today})" "Must not lie after today ({today})";
    NotBeforeBirth = "not_before_birth" "不得早于出生日期" "Must not lie before the birth date";
    CadreState = "cadre_state" "该干部处于 {state} 状态" "The cadre is in the state {state}";
    OtherSide = "other_side" "应由转接的另一方({division})办理" "This is for the other side of the transfer to do, {division}";
    OpenItem = "open_item" "尚有未办结事项:{resource}(可由接收方承接 handover_ack)" "Still open: {resource}; settle it, or let the receiving side take it over with handover_ack";
    SameRecord = "same_record" "不能与自身合并" "A record is not merged into itself";
    MergeClash = "merge_clash" "双方各有一条只能存在一条的记录,请先处理其中一条" "Both have a record of which a person has one: settle one of them first";
    SettledByDeath = "settled_by_death" "去世登记({died_on})已确认,请撤销去世登记" "A record of the death on {died_on} is confirmed: reverse that one";
    Settled = "settled" "办理中不得更改" "This cannot be changed any more in the state the record is in";
    // Party
    BranchMin3 = "branch_min_3" "正式党员不足 3 人({count} 人),应成立联合党支部" "A branch needs 3 full members and has {count}: form a joint branch";
    JointUnitsMax5 = "joint_units_max_5" "联合党支部所含单位一般不超过 5 个(现 {count} 个)" "A joint branch usually spans at most 5 units and has {count}";
    SuggestGeneralBranch = "suggest_general_branch" "党员 {count} 人,可报请成立党总支" "{count} members: a general branch may be proposed";
    SuggestCommittee = "suggest_committee" "党员 {count} 人,可报请成立党委" "{count} members: a committee may be proposed";
    OneFormalMembership = "one_formal_membership" "该同志的正式组织关系已在另一党组织" "The formal membership of this person is in another organization";
    FunctionalMembership = "functional_membership" "功能型党组织不接收正式组织关系" "A functional organization cannot hold a formal membership";
    LostContact6Months = "lost_contact_6_months" "失联满 6 个月({min})方可停止党籍" "Membership may be suspended after 6 months without contact, from {min} on";
    Removal2Years = "removal_2_years" "停止党籍满 2 年({min})方可除名" "A suspended member may be removed after 2 years, from {min} on";
    PartyAgeUndetermined = "party_age_undetermined" "尚缺转正时间,党龄无法确定" "The party age is undetermined without the date of conversion";
    ParentKind = "parent_kind" "党支部不能作为上级党组织" "A branch has no organizations below it";
    ParentEnded = "parent_ended" "上级党组织已合并或撤销" "The organization above is merged or dissolved";
    StillHasMembers = "still_has_members" "仍有 {count} 名党员,应先转出" "{count} members are still there and must be transferred first";
    Quorum4Of5 = "quorum_4_5" "到会 {attendance} 人,不足有选举权应到会 {eligible} 人的五分之四" "{attendance} attended, less than four fifths of the {eligible} who have a vote and should attend";
    VotesOverHalf = "votes_over_half" "赞成票 {votes} 张,未超过应到会 {eligible} 人的一半" "{votes} votes are not more than half of the {eligible} who should attend";
    ExtensionMax1Y = "extension_max_1y" "延期换届不得超过 1 年(最迟 {max})" "An election may be put off by one year at most, until {max}";
    TermServing = "term_serving" "该党组织 {elected_on} 选出的班子仍在任期内" "The term elected on {elected_on} is still serving";
    CommitteeSeats = "committee_seats" "正式党员 {count} 人,不足 7 人的支部只设书记,必要时设 1 名副书记" "With {count} full members, less than 7, a branch has a secretary and at most one deputy";
    CommitteeSeatsMax7 = "committee_seats_max_7" "支部委员会最多 {max} 人,现为 {seats} 人" "A branch committee has {max} members at most and would have {seats}";
    CommitteeSeatsUsual = "committee_seats_usual" "支部委员会一般由 3 至 5 人组成(现 {count} 人)" "A branch committee usually has 3 to 5 members and has {count}";
    PostHolderNotMember = "post_holder_not_member" "该同志不是本党组织的正式党员" "This person is no full member of the organization";
    FullMember = "full_member" "应为正式党员,现为 {status}" "Must be a full member and is {status}";
    MembershipNotInForce = "membership_not_in_force" "该组织关系不在有效状态" "This membership is not in force";
    FormalMembership = "formal_membership" "应为正式组织关系" "Must be a formal membership";
    OrganizationEnded = "organization_ended" "该党组织已合并或撤销" "This organization is merged or dissolved";
    ApplicantNoCadre = "applicant_no_cadre" "申请人未登记为离退休干部,未建立党员组织关系" "The applicant is no cadre in care: no membership was made";
    ApplicantMin18 = "applicant_min_18" "申请入党应年满 18 周岁" "An applicant is 18 years old at least";
    TalkWithin1Month = "talk_within_1_month" "应在收到申请书 1 个月内({max} 前)谈话" "The talk takes place within a month of the application, by {max}";
    ActivistMin1Year = "activist_min_1_year" "入党积极分子应培养考察 1 年以上(最早 {min})" "An activist is observed for a year at least, until {min}";
    TrainingMin24H = "training_min_24h" "集中培训不少于 {min} 学时,现为 {hours} 学时" "The training takes {min} hours at least and took {hours}";
    VoteQuorum = "vote_quorum" "到会 {present} 人,未超过应到会有表决权的 {eligible} 人的一半" "{present} were present, not more than half of the {eligible} who should attend";
    VoteMajority = "vote_majority" "赞成 {in_favour} 人,未超过应到会有表决权的 {eligible} 人的一半" "{in_favour} in favour are not more than half of the {eligible} who should attend";
    ApprovalWithin = "approval_within" "上级党委应在 {months} 个月内({max} 前)审批" "The superior committee approves within {months} months, by {max}";
    ProbationNotOver = "probation_not_over" "预备期至 {until}" "The probation lasts until {until}";
    Extension6To12Months = "extension_6_12_months" "延长预备期不少于 6 个月,不超过 1 年,现为 {months} 个月" "A probation is extended by 6 to 12 months, not by {months}";
    ExtensionOnce = "extension_once" "预备期只能延长一次,已延长至 {until}" "A probation is extended once only, and this one was until {until}";
    LetterExpired = "letter_expired" "介绍信已于 {expires_on} 到期,应重新开具" "The letter was valid until {expires_on}: a new one must be issued";
    OneDestination = "one_destination" "系统内接收组织与系统外接收单位应填且只填一项" "Exactly one of the organization and the place outside must be given";
    SameOrganization = "same_organization" "转出与转入组织相同" "The member is in this organization already";
    DuesPaid = "dues_paid" "其中有月份的党费已交纳" "The dues of some of these months are paid already";
    DuesAmount = "dues_amount" "应缴 {expected} 元" "The dues are {expected} yuan";
    MonthFormat = "month_format" "应为 YYYY-MM" "Must be YYYY-MM";
    MonthlyOnly = "monthly_only" "只用于按月交纳的党费" "Belongs to monthly dues only";
    Period6M = "period_6m" "补缴、预缴均不超过 6 个月" "Dues are paid at most 6 months late or in advance";
    VoluntaryKind = "voluntary_kind" "自愿一次交纳 1000 元以上的为大额党费,不足的为自愿多交" "A voluntary payment of 1000 yuan or more is a large one, any other a supplement";
    LargeVoluntaryOnly = "large_voluntary_only" "只有大额党费需要逐级上缴,本笔为 {kind}" "Only a large voluntary payment is forwarded, and this one is {kind}";
    ThemeItemMissing = "theme_item_missing" "缺少规定动作:{items}" "Fixed items are missing: {items}";
    WeightsSum100 = "weights_sum_100" "各维度权重之和应为 100(现 {sum})" "The weights of the dimensions sum to 100, not {sum}";
    Twice = "twice" "重复" "It is there twice";
    DimensionUnknown = "dimension_unknown" "评价方案没有该项" "The scheme has no such item";
    ScoresIncomplete = "scores_incomplete" "尚缺维度 {items} 的得分" "The dimensions {items} have no score";
    SchemeInUse = "scheme_in_use" "已有评价使用该方案,维度和否决项不能修改" "Evaluations use this scheme: its dimensions and veto items stay";
    PublishedReadOnly = "published_read_only" "评价已公布,不能修改" "A published evaluation cannot be changed";
    // Honors and benefits
    OneSubject = "one_subject" "应且只应填写一个表彰对象" "Exactly one of the subjects must be given";
    SubjectDeceased = "subject_deceased" "授予对象已去世" "The person has died";
    CategoryUnknown = "category_unknown" "评选活动没有该类别" "The campaign has no such category";
    CategoryRequired = "category_required" "评选表扬应填写活动和类别" "A commendation names its campaign and category";
    CampaignState = "campaign_state" "评选活动处于 {state} 状态" "The campaign is in the state {state}";
    MedalSteps = "medal_steps" "纪念章须经党支部核实、党委推荐、组织部门审核,现为 {state}" "A medal is verified by the branch, recommended by the committee and reviewed by the department first; it is {state}";
    ProofRequired = "proof_required" "外部荣誉应附证明材料" "An honor from outside needs a proof";
    PublicityDays = "publicity_days" "公示不得少于 {min} 个工作日,现为 {days} 个" "Names are public for {min} working days at least, not for {days}";
    PublicityRunning = "publicity_running" "公示至 {last} 结束,今天是 {today}" "The names are public until {last}, and today is {today}";
    MedalSubject = "medal_subject" "“光荣在党50年”纪念章只授予党员个人" "The 50-year medal goes to a person";
    StandardDecreased = "standard_decreased" "低于上一标准({previous})" "Lower than the standard before ({previous})";
    AmountOrRate = "amount_or_rate" "金额与比率应填且只填一项" "Exactly one of amount and rate must be given";
    // Activities and service
    MinorsNoNames = "minors_no_names" "有未成年人参加的活动只登记人数,不登记姓名" "Of an activity with minors only numbers are kept, no names";
    MoreThanAudience = "more_than_audience" "各年龄段合计 {sum} 人,超过受众人数 {audience}" "The age bands sum to {sum}, more than the audience of {audience}";
    NotHeldYet = "not_held_yet" "活动日期为 {day},尚未举办" "The activity takes place on {day} and was not held yet";
    ActivityState = "activity_state" "该活动处于 {state} 状态,不能报名" "The activity is in the state {state}, in which nobody signs up";
    SignupWindow = "signup_window" "不在报名时间内({from} 至 {until})" "People sign up from {from} to {until}";
    WaitingList = "waiting_list" "名额 {max} 个已满,已列入候补" "All {max} places are taken: put on the waiting list";
    SecretaryRequired = "secretary_required" "宣讲团成员在入团之日应任党组织书记" "A member of the lecture corps is secretary of a party organization on the day of joining";
    ConsentNotInForce = "consent_not_in_force" "该同意不适用于宣传或在 {day} 未生效" "The consent is not one to publicity, or not in force on {day}";
    AudienceUnitOnly = "audience_unit_only" "只有受众指标需要计量单位" "Only a target of audience has a unit";
    StateOnly = "state_only" "只在状态为 {state} 时填写" "Belongs to the state {state} only";
    RankOrTitle = "rank_or_title" "名次与称号应至少填写一项" "A rank or a title must be given";
    BodyArea = "body_area" "该组织属于{area}领域" "This body belongs to the area {area}";
    // Care
    ArrearsOnly = "arrears_only" "只有拖欠时填写" "Belongs to arrears only";
    ClaimAfterDeath = "claim_after_death" "就医时间晚于去世日期 {died_on}" "The treatment lies after the death on {died_on}";
    ClaimSettled = "claim_settled" "已支付,不能修改;有误应退款" "The claim is paid: refund it instead of changing it";
    NotMoreThan = "not_more_than" "不得大于 {other}({max})" "Must not be more than {other} ({max})";
    PoolBalance = "pool_balance" "{division} {year} 年统筹金余额 {balance} 元,不足支付 {amount} 元" "The pool of {division} for {year} holds {balance} yuan, less than the {amount} yuan to be taken";
    MadeByClaim = "made_by_claim" "报销支出及其冲销由医药费支付、退款步骤产生,不能手工记账" "A payment and its reversal are made by the steps of a claim, never by hand";
    ReversalOnly = "reversal_only" "只用于冲销,且冲销必须填写" "Belongs to a reversal, which needs it";
    ReversalAmount = "reversal_amount" "冲销金额应为 {expected}" "A reversal takes back all of the entry: {expected}";
    ReversalOf = "reversal_of" "冲销不能再冲销" "A reversal is not reversed";
    ReversalElsewhere = "reversal_elsewhere" "冲销应与原账目在同一区划和年度" "A reversal belongs to the division and year of what it reverses";
    ZeroAmount = "zero_amount" "金额不能为零" "The amount must not be zero";
    PlanState = "plan_state" "疗养计划处于 {state} 状态" "The plan is in the state {state}";
    CapacityFull = "capacity_full" "名额 {capacity} 个,已报名 {taken} 人" "{taken} of {capacity} places are taken";
    StayReason = "stay_reason" "{year} 年度已有疗养安排,再次安排应说明理由" "There is a stay in {year} already: a second one needs a reason";
    OutsidePair = "outside_pair" "不在结对联系期间内" "Outside the time of the pair";
    CadreOrCount = "cadre_or_count" "应填写走访对象,或只填写人数" "Either the cadre visited or the number of persons must be given";
    GiftNamed = "gift_named" "填写慰问金额应同时填写慰问形式" "A gift with an amount needs its kind";
    WindowClosed = "window_closed" "受理时间为每年 {from} 至 {to}" "Applications are taken from {from} to {to} of each year";
    SchemeMissing = "scheme_missing" "{day} 没有有效的困难帮扶办法,公示期和标准无从确定" "No hardship scheme is in force on {day}: neither publicity nor limits are known";
    // Education, publicity, staff
    ClosedForGood = "closed_for_good" "已填关闭日期,不应标为开放" "What was closed for good is not open";
    AgeMin = "age_min" "开课时 {age} 岁,不满 {min} 岁" "{age} years old when the class starts, less than {min}";
    AgeMax = "age_max" "开课时 {age} 岁,超过 {max} 岁" "{age} years old when the class starts, more than {max}";
    CompanionRequired = "companion_required" "开课时 {age} 岁,满 {min} 岁须有陪同人" "{age} years old when the class starts: from {min} years on a companion is needed";
    OneStudent = "one_student" "干部与社会学员应填且只填一项" "Exactly one of the cadre and a student's name must be given";
    StudentBirthDate = "student_birth_date" "仅社会学员须填,且姓名与出生日期应同填" "Belongs to a student who is no cadre, together with the name";
    ClassState = "class_state" "班级处于 {state} 状态,不接受报名" "The class is in the state {state} and takes no applications";
    EnrolmentWindow = "enrolment_window" "报名时间为 {from} 至 {to}" "One applies from {from} to {to}";
    ClassFull = "class_full" "名额 {capacity} 个已满" "All {capacity} places are taken";
    QueuedAt = "queued_at" "名额已满,列入候补,序号 {number}" "All places are taken: number {number} on the waiting list";
    TuitionDue = "tuition_due" "应先缴纳学费 {amount} 元" "Tuition of {amount} yuan is due first";
    PlacesTaken = "places_taken" "已占用名额 {taken} 个,不能少于此数" "{taken} places are taken: there cannot be fewer";
    ProgressFell = "progress_fell" "进度低于原来的 {before}%,应说明原因" "The progress was {before} percent: a new word must say why it fell";
    NoConsent = "no_consent" "该同志没有覆盖 {day} 的宣传报道同意" "This person has given no consent to publicity that is in force on {day}";
    // Users and tokens
    PasswordLength = "password_length" "密码长度应为 {min} 至 {max} 个字符" "A password has {min} to {max} characters";
    PasswordCommon = "password_common" "密码过于常见或与用户名相同" "This password is among the first that guessers try";
    CodeWrong = "code_wrong" "动态码或恢复码不正确,或已使用过" "The code is wrong, or was used before";
    RoleNotGrantable = "role_not_grantable" "本账号不能授予该角色" "This caller cannot grant that role";
    UnknownScope = "unknown_scope" "没有这个权限范围" "There is no such scope";
    ScopeExceedsOwner = "scope_exceeds_owner" "超出令牌所有者的权限" "More than the owner of the token may do";
    NetworkFormat = "network_format" "应为网络地址段,如 10.17.22.0/24" "Must be a network such as 10.17.22.0/24";
    ExpiryRange = "expiry_range" "有效期应在 {max} 天以内" "Must expire within {max} days";
}

/// The argument of this name, if any text has it.
pub fn argument(name: &str) -> Option<&'static str> {
    let named = |text: &'static str| text.split('{').skip(1).filter_map(|part| part.split('}').next());
    Rule::ALL.iter().flat_map(|r| named(r.en())).find(|n| *n == name)
}

/// Fills the `{name}` placeholders of a catalogue text.
pub fn fill(text: &str, args: &[(&'static str, String)]) -> String {
    args.iter().fold(text.to_owned(), |t, (name, value)| t.replace(&format!("{{{name}}}"), value))
}

/// The language of the texts in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Simplified Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_both_texts_name_the_same_arguments() {
        let codes: HashSet<_> = Rule::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        let problems: HashSet<_> = Problem::ALL.iter().map(|p| p.code()).collect();
        assert_eq!(problems.len(), Problem::ALL.len());
        let names = |t: &str| {
            t.split('{').skip(1).filter_map(|p| p.split('}').next().map(str::to_owned)).collect::<HashSet<_>>()
        };
        for r in Rule::ALL {
            assert_eq!(names(r.zh()), names(r.en()), "{}", r.code());
            assert_eq!(Rule::parse(r.code()), Some(*r));
        }
    }
}

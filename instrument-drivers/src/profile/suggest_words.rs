//! How columns are usually called, in the order of preference. Compared in lower case without a colon at the end.

pub const SAMPLE: &[&str] = &[
    "sample id",
    "sample name",
    "sample no.",
    "sample no",
    "sample number",
    "sample label",
    "sample code",
    "lab id",
    "lab no.",
    "sampleid",
    "samplename",
    "sample/ctrl id",
    "sample",
    "样品编号",
    "样品名称",
    "样品号",
    "样品名",
    "样品",
    "样本编号",
    "样本名称",
    "样本号",
    "样本",
    "编号",
    "probe",
    "échantillon",
    "patient no.",
    "specimen id",
    "data filename",
    "data file",
    "filename",
    "id",
    "name",
    "well position",
    "well",
];

pub const ANALYTE: &[&str] = &[
    "analyte name",
    "analyte",
    "test name",
    "test",
    "parameter",
    "paramètre",
    "parámetro",
    "element",
    "compound name",
    "compound",
    "component",
    "target name",
    "target",
    "检测项目",
    "项目名称",
    "项目",
    "元素",
    "组分",
    "组分名称",
    "分析物",
    "化合物",
    "化合物名称",
    "检验项目",
    "检测元素",
    "linename",
    "assay",
    "measurand",
    "peak name",
    "fluor",
    "reporter",
    "name",
];

pub const VALUE: &[&str] = &[
    "result",
    "results",
    "final conc.",
    "concentration",
    "conc.",
    "conc",
    "reported conc (calib)",
    "peak concentration",
    "amount",
    "检测结果",
    "结果",
    "浓度",
    "含量",
    "messwert",
    "ergebnis",
    "gehalt",
    "konzentration",
    "wert",
    "résultat",
    "teneur",
    "valeur",
    "resultado",
    "测定值",
    "测量值",
    "测量结果",
    "检测值",
    "平均浓度",
    "样品浓度",
    "final concentration",
    "calculated conc.",
    "mean conc.",
    "conc. mean",
    "conc mean",
    "sample conc.",
    "amount (ng)",
    "reading",
    "value",
    "calc amt",
    "ct",
    "cq",
    "area",
    "峰面积",
];

pub const UNIT: &[&str] = &[
    "unit",
    "units",
    "result unit",
    "conc. unit",
    "report unit",
    "reported unit",
    "unit of measure",
    "concentration units",
    "units (samp)",
    "单位",
    "浓度单位",
    "结果单位",
    "einheit",
    "unité",
];

pub const FLAG: &[&str] = &["flag", "flags", "remark", "warning", "error/warning", "备注", "标记"];

pub const TYPE: &[&str] = &["sample type", "type", "sampletype", "content", "task", "样品类型", "样本类型", "类型"];

/// Columns of numbers that are no results.
pub const NOT_A_VALUE: &[&str] = &[
    "no.",
    "no",
    "date",
    "time",
    "date/time",
    "acq. date-time",
    "position",
    "vial",
    "tray",
    "cup",
    "level",
    "dilution",
    "dilution factor",
    "weight",
    "volume",
    "index",
    "replicate",
    "rep",
    "rep #",
    "serial",
    "instrument serial number",
    "lot",
    "rt",
    "retention time",
    "peak",
    "rsd",
    "rsd%",
    "%rsd",
    "rsd (%)",
    "重复",
    "重复次数",
    "次数",
    "序号",
    "日期",
    "时间",
    "稀释倍数",
];

/// The column with the most preferred name.
pub fn find_word(names: &[String], words: &[&str]) -> Option<usize> {
    find_word_where(names, words, |_| true)
}

/// The column with the most preferred name for which more is true.
pub fn find_word_where(names: &[String], words: &[&str], fits: impl Fn(usize) -> bool) -> Option<usize> {
    words.iter().find_map(|word| (0..names.len()).find(|at| plain(&names[*at]) == *word && fits(*at)))
}

/// The column of results: by its usual name, else by a name that goes on behind it (`Conc. [ug/l]`, `浓度(mg/L)`).
pub fn find_value(names: &[String], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let begins = |name: &str, word: &str| {
        plain(name).strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with(['(', '[', '（']))
    };
    find_word_where(names, VALUE, &fits)
        .or_else(|| VALUE.iter().find_map(|word| (0..names.len()).find(|at| begins(&names[*at], word) && fits(*at))))
}

/// As names are compared: lower case, without a colon at the end.
pub fn plain(name: &str) -> String {
    name.to_lowercase().trim_end_matches([':', '：']).trim_end().to_string()
}

/// Names that are usually a sample's only where nothing better stands above the table.
pub const WEAK_SAMPLE: &[&str] = &["id", "name", "well", "well position"];

/// Keys beside which the sample of a whole file stands, best first.
pub const SAMPLE_KEY: &[&str] = &[
    "sample name",
    "sample id",
    "sample",
    "sample no.",
    "样品名称",
    "样品编号",
    "样品名",
    "样品",
    "data file name",
    "data filename",
    "data file",
    "数据文件名",
];

/// First cells of lines below a table that are no samples. A pattern.
pub const STATISTICS: &str = "(?i)^(average|mean|%? ?rsd|%? ?cv|sd|std\\.? ?dev\\.?|standard deviation|max(imum)?|min(imum)?|median|sum|total|totals|count|number|n|合计|总计|平均值?|最大值?|最小值?|标准偏差|相对标准偏差|均值)$";

/// Words in a title that tell whose title it is.
pub const TITLE_OF_SAMPLE: &[&str] = &["sample", "specimen", "vial", "样品", "样本", "probe"];
pub const TITLE_OF_ANALYTE: &[&str] = &[
    "compound",
    "analyte",
    "element",
    "component",
    "method",
    "name",
    "signal",
    "test",
    "target",
    "化合物",
    "组分",
    "元素",
    "项目",
    "méthode",
];

/// Roles by patterns, for type columns and names; the first that fits counts.
pub const ROLES: &[(&str, &str)] = &[
    ("blank", r"(?i)^bl(an)?k\b|\bblank|空白|\bNTC\b"),
    ("standard", r"(?i)^(std|cal|standard|calib\w*)\b|^(std|cal)[ _-]?\d|\bstandard\b|标准|标样|校准|^s\d$"),
    ("control", r"(?i)\bqc\b|^qc|\bcontrol\b|^kontrol|\bcheck\b|\bspike|质控|加标|平行"),
];

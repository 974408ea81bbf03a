//! How columns are usually called, in the order of preference. Compared in lower case without a colon at the end.

pub const SAMPLE: &[&str] = &[
    "sample id",
    "sample name",
    "sample no.",
    "sample number",
    "sampleid",
    "samplename",
    "sample/ctrl id",
    "sample",
    "样品编号",
    "样品名称",
    "样品号",
    "样品",
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
    "测定值",
    "value",
    "calc amt",
    "ct",
    "cq",
    "area",
    "峰面积",
];

pub const UNIT: &[&str] =
    &["unit", "units", "result unit", "concentration units", "units (samp)", "单位", "einheit", "unité"];

pub const FLAG: &[&str] = &["flag", "flags", "remark", "warning", "error/warning", "备注", "标记"];

pub const TYPE: &[&str] = &["sample type", "type", "content", "task", "样品类型", "类型"];

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
    "序号",
    "日期",
    "时间",
    "稀释倍数",
];

/// The column with the most preferred name.
pub fn find_word(names: &[String], words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find_map(|word| names.iter().position(|name| name.to_lowercase().trim_end_matches(':').trim_end() == *word))
}

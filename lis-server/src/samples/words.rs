//! Closed lists of the sampling form and the receipt record (`records.md` 2 and 3): each value has a code that is stored and
//! sent, and a word in both languages under `<list>-<code>`.

/// An enum with its codes: stored, sent and translated by them.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $list:literal { $($variant:ident = $code:literal),+ $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[serde(rename = $code)] $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// Codes in order, for pages.
            pub const CODES: &[&str] = &[$($code),+];
            /// The beginning of its message keys.
            pub const LIST: &str = $list;

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// The key of its word.
            pub fn word(self) -> String {
                format!("{}-{}", $list, self.code().replace('_', "-"))
            }
        }
    )*};
}
pub(super) use codes;

codes! {
    /// What a picture of a sampling form is.
    PictureKind = "picture-kind" { Photo = "photo", Diagram = "diagram" }
    /// How a part is disposed of; food that does not conform only by harmless treatment (`workflow.md` 7).
    DisposalMethod = "disposal-method" {
        HarmlessTreatment = "harmless_treatment",
        GeneralWaste = "general_waste",
        ReturnedToClient = "returned_to_client",
    }
    /// Why a sample exists; decides its number, its report and its rights (`workflow.md` 1).
    SampleType = "sample-type" {
        Supervision = "supervision",
        Campaign = "campaign",
        Entrusted = "entrusted",
        RapidTest = "rapid_test",
        RiskMonitoring = "risk_monitoring",
    }
    /// 任务类别 of a form; an entrusted order has its own.
    TaskCategory = "task-category" {
        Supervision = "supervision",
        RiskMonitoring = "risk_monitoring",
        Evaluative = "evaluative",
        Campaign = "campaign",
        RapidTestConfirmation = "rapid_test_confirmation",
        Entrusted = "entrusted",
    }
    /// Of which department the ordering authority is: farm produce that an agriculture department has sampled goes by another
    /// law (`workflow.md` 10, T22 and T23).
    Department = "department" { MarketSupervision = "market_supervision", Agriculture = "agriculture" }
    /// How a form came in.
    FormSource = "form-source" { Import = "import", OnSite = "on_site", Entrusted = "entrusted" }
    /// 区域类型.
    AreaType = "area-type" { City = "city", Countryside = "countryside", ScenicSpot = "scenic_spot" }
    /// 抽样地点. The first word of the code is its stage.
    Place = "place" {
        RawMaterialStore = "production_raw_material_store",
        ProductionLine = "production_line",
        SemiFinishedStore = "production_semi_finished_store",
        FinishedStoreUnchecked = "production_finished_store_unchecked",
        FinishedStoreChecked = "production_finished_store_checked",
        FarmersMarket = "trade_farmers_market",
        VegetableMarket = "trade_vegetable_market",
        WholesaleMarket = "trade_wholesale_market",
        ShoppingMall = "trade_shopping_mall",
        Supermarket = "trade_supermarket",
        SmallShop = "trade_small_shop",
        Online = "trade_online",
        TradeOther = "trade_other",
        RestaurantVeryLarge = "catering_restaurant_very_large",
        RestaurantLarge = "catering_restaurant_large",
        RestaurantMedium = "catering_restaurant_medium",
        RestaurantSmall = "catering_restaurant_small",
        CanteenOffice = "catering_canteen_office",
        CanteenSchool = "catering_canteen_school",
        CanteenCompany = "catering_canteen_company",
        CanteenBuildingSite = "catering_canteen_building_site",
        SnackShop = "catering_snack_shop",
        FastFood = "catering_fast_food",
        DrinksShop = "catering_drinks_shop",
        GroupMeals = "catering_group_meals",
        CentralKitchen = "catering_central_kitchen",
        CateringOther = "catering_other",
    }
    /// 样品来源.
    SampleSource = "sample-source" {
        OwnMade = "own_made",
        Commissioned = "commissioned",
        BoughtIn = "bought_in",
        Other = "other",
    }
    /// 样品属性.
    SampleAttr = "sample-attr" { Ordinary = "ordinary", SpecialDiet = "special_diet", Seasonal = "seasonal", MajorEvent = "major_event" }
    /// 样品类型 of the form: what kind of goods.
    GoodsType = "goods-type" {
        FarmProduce = "farm_produce",
        Processed = "processed",
        Catering = "catering",
        Additive = "additive",
        FoodRelated = "food_related",
        Other = "other",
    }
    /// Which event the production date names: 生产, 加工, 购进.
    DateKind = "date-kind" { Produced = "produced", Processed = "processed", Purchased = "purchased" }
    /// 包装分类.
    Packing = "packing" { Prepacked = "prepacked", Loose = "loose" }
    /// 样品形态.
    FormState = "form-state" { Solid = "solid", SemiSolid = "semi_solid", Liquid = "liquid", Gas = "gas" }
    /// 储存条件; several may hold.
    Storage = "storage" {
        Ambient = "ambient",
        Chilled = "chilled",
        Frozen = "frozen",
        Dark = "dark",
        Sealed = "sealed",
        Other = "other",
    }
    /// 抽样方式.
    SamplingMode = "sampling-mode" { Aseptic = "aseptic", Ordinary = "ordinary" }
    /// 样品包装.
    Container = "container" {
        GlassBottle = "glass_bottle",
        PlasticBottle = "plastic_bottle",
        PlasticBag = "plastic_bag",
        SterileBag = "sterile_bag",
        Other = "other",
    }
    /// 第三方企业信息.
    ThirdParty = "third-party" { Principal = "principal", Importer = "importer", Distributor = "distributor", Platform = "platform" }
    /// Yes or no, as forms say it.
    YesNo = "yes-no" { Yes = "yes", No = "no" }
    /// 送达方式.
    Delivery = "delivery" { Sampler = "sampler", Courier = "courier", Client = "client" }
    /// One line of the receipt's checklist.
    CheckAnswer = "check-answer" { Yes = "yes", No = "no", NotApplicable = "not_applicable" }
    /// 接收结论.
    Decision = "decision" { Accept = "accept", Reject = "reject", Hold = "hold", AcceptWithNote = "accept_with_note" }
    /// Reasons of a rejection (`workflow.md` 6).
    RejectReason = "reject-reason" {
        R01 = "R01", R02 = "R02", R03 = "R03", R04 = "R04", R05 = "R05", R06 = "R06", R07 = "R07",
        R08 = "R08", R09 = "R09", R10 = "R10", R11 = "R11", R12 = "R12", R13 = "R13",
    }
    /// What an acceptance departs from; its reason stays with the record.
    Departure = "departure" {
        LateArrival = "late_arrival",
        ShortShelfLife = "short_shelf_life",
        MoreThanForm = "more_than_form",
        LessThanForm = "less_than_form",
    }
    /// What a part of the sample is for.
    PartRole = "part-role" { Test = "test", Backup = "backup", Microbiology = "microbiology" }
    /// 判定规则 of an order: judged against limits, the same with guard bands of the uncertainty, or results only.
    DecisionRule = "decision-rule" { FullValue = "full_value", GuardBand = "guard_band", ResultsOnly = "results_only" }
}

impl SampleType {
    /// The letter in the sample number (`records.md` 1).
    pub fn letter(self) -> char {
        match self {
            Self::Supervision => 'J',
            Self::Campaign => 'D',
            Self::Entrusted => 'W',
            Self::RapidTest => 'K',
            Self::RiskMonitoring => 'F',
        }
    }

    /// Whether a failing report is a matter of the authorities. Of a client's own sample it never is: the report speaks for
    /// what he brought and for nothing else. Risk monitoring goes the way of supervision under another word, and a rapid test
    /// comes here when an authority has it confirmed by the laboratory's method (`workflow.md` 1 and 8).
    pub fn concerns_authorities(self) -> bool {
        self != Self::Entrusted
    }

    /// Whether its failing result may be made public: those of supervision sampling are, and "you order, we test" is that.
    /// What monitoring and screening find is not (`workflow.md` 1 and 13).
    pub fn may_be_published(self) -> bool {
        matches!(self, Self::Supervision | Self::Campaign)
    }
}

impl TaskCategory {
    /// Evaluative sampling uses the pipeline of supervision; only its conclusion word differs (`workflow.md` 1).
    pub fn sample_type(self) -> SampleType {
        match self {
            Self::Supervision | Self::Evaluative => SampleType::Supervision,
            Self::RiskMonitoring => SampleType::RiskMonitoring,
            Self::Campaign => SampleType::Campaign,
            Self::RapidTestConfirmation => SampleType::RapidTest,
            Self::Entrusted => SampleType::Entrusted,
        }
    }
}

impl Place {
    /// Whether the place belongs to a stage.
    pub fn is_of(self, stage: crate::enterprises::Stage) -> bool {
        self.code().starts_with(stage.code())
    }
}

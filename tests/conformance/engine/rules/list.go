package rules

// The rules.
const (
	none Rule = iota

	// How a promotion goes on.
	GoesOnAfterFailure
	RunningEndsCall
	ResumesAtStep
	RestartBeginsAnew
	RestartForgetsStatuses
	RestartKeepsOutputs
	FreightMustBeRequested
	PanicKeepsOldStatus
	FirstPromotionPanics
	NoSettingsPanic
	StatusByAlias

	// How a promotion ends.
	WorstStatusWins
	ErroredIsWorst
	ContinueOnErrorSparesPhase
	SkippedIsSuccess
	AbortedBelowFailed

	// Conditions.
	ImpliedSuccess
	AlwaysIsTrue
	SuccessIsNoFailure
	ConditionAskedOnce
	ConditionErrorErrs
	ConditionMustBeBool
	ConditionBeforeKind
	UnknownKindErrs
	UnknownKindNeverStarts
	SkippedNeverStarts
	ErredConditionNeverEnds
	FailedIsFailure
	ErroredIsFailure
	ContinueOnErrorSparesFailure
	StatusOfSiblings
	StatusOutsideTasks
	StatusOfNothingErrs

	// What becomes of a step.
	StartsOnce
	InvalidStatusErrs
	AbortedIsStatus
	ErrorMakesErrored
	FailedStaysFailed
	ErroredIsError
	SkippedEnds
	TerminalEnds
	ThresholdCounts
	NoThresholdIsOne
	FailedEndsFailed
	RunningResetsErrors
	TimeoutEnds
	TimeoutIsErrored
	ThresholdBeforeTimeout
	ArgoCDTimesOut
	OwnTimeoutWins
	RunnerPanicIsError
	PreparingPanicsEngine

	// Outputs.
	OutputOfFailureStays
	OutputOfSkippedStays
	OutputOfRunningStays
	NoOutputIsNull
	ComposeWritesTask
	ComposeAdds
	ComposePanicsOnNull
	OutputsAreStored
	UnreadableOutputsVanish
	UnwritableOutputsVanish
	NoOutputsNoState
	StateIsCopied
	OnlyJSONIsCopied

	// Variables and settings.
	PromotionVarsSeeNoOutputs
	EarlierVarsAreSeen
	LaterVarWins
	VarErrorErrs
	VarsBeforeCondition
	NoIfNoVars
	NoSettingsNoVars
	NullIsNoSettings
	SettingsErrorErrs
	SettingsErrorIsNoRun
	SecretsVariable
	GenericSecretsOnly
	StepMetasAreSeen
	StatusOfMetaIsNoText
	TaskOutputs
	TaskOnlyInTasks
	ContextTargetFreight
	ContextFreightAlias
	ContextOf11
	ActorAfterColon
	ActorOfOneColon
	UnknownActorIsEmpty

	// Templates.
	PercentDelimiters
	FirstCloserEnds
	EmptyExpressionStops
	UnclosedErrs
	PlainTextStays
	TextIsPastedRaw
	QuotedIsText
	QuotesDoNotEscape
	NumberIsNumber
	NumbersOfGo
	BoolIsBool
	BoolsOfGo
	JSONIsRead
	WholeTextIsRead
	LineBreakIsCut
	KeysStay
	SettingsThroughYAML

	// Functions.
	StatusFunctionsNotInVars
	StatusFunctionsInSettings
	SemverDiffSince8
	StageMetadataSince8
	FreightMetadataSince8
	FreightMetadataOfKey
	SemverParseSince11
	SharedSince11
	UnsafeQuoteSince8
	AsYAMLSince11
	ArtifactFromSince11
	ImageHasGitRepoURL
	AbsentConfigMapIsEmpty
	AbsentSecretIsEmpty
	AbsentSharedIsEmpty
	AbsentMetadataIsNil
	NoMetadataIsNil
	MetadataNeedsName
	NullMetadataErrs
	QuoteEscapes
	AsJSONEndsLine
	SemverDiffIncomparable
	SemverDiffMetadata
	WarehouseNeedsName
	InferenceNeedsWarehouses
	AmbiguousOriginErrs
	NoOriginIsNil
	SlotOfOrigin
	GitURLsAreNormal
	GitURLsIgnoreCase
	GitURLsIgnoreSuffix
	GitURLsIgnoreUser
	ChartNeedsSubscription
	ChartNameNotEmpty
	ChartNameCounts
	ArtifactHasMetadata

	// Inflating.
	StageVarsFirst
	AliasByPlace
	TasksAreNamedTask
	AliasIsTrimmed
	TaskAliasInFront
	OneSeparator
	CallConditionIsDropped
	CallRetryIsDropped
	CallContinueIsDropped
	SharedVars
	OuterReplacesDefault
	DefaultIsUsed
	MissingVarErrs
	EmptyIsNotGiven
	EmptyIsNoDefault
	ArgumentsAfterDefaults
	StepVarsAfterArguments
	ClusterTasks
	UnknownTaskKindErrs

	// Kargo's own runners.
	SchemaIsHeld
	RefusedIsTerminal
	DeleteIsLenient
	DeleteStrict
	DeleteStaysInside
	YAMLUpdateCutsLine
	YAMLUpdateQuotes
	YAMLUpdateNeedsScalar
	ParseAgainstDocument
	ParseGivesGoTypes
	MergeDropsEmpty
	MergeKeepsStyle
	FileWriteKeepsFiles
	JSONUpdateNeedsScalar
	JSONUpdateMakesKeys
	SetMetadataNeedsObject
	SetMetadataIsSeen

	count
)

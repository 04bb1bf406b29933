// The three results of a visit in words, where no rules name their own.

export const RESULTS = { compliant: '符合', basically_compliant: '基本符合', non_compliant: '不符合' };

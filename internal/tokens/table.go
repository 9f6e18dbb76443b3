package tokens

// A table is a vocabulary as it is written down here: a sign for each number of
// units. They are the least squares, over some 20 MB of prose in 50 languages,
// code and data, between what the estimate has each line cost and the tokens
// that the vocabulary itself cuts it into.
type table struct {
	// pairs has a row for each class before a character, and a column for
	// that of the character. Capitals go by their small letters.
	pairs   string
	raised  int8 // the cost of a capital at the beginning of a word, besides
	inner   int8 // of one after a small letter
	shouted int8 // of one after another
	letters string
	han     string
	scripts [scripts]rates
}

// recent is o200k, the vocabulary of OpenAI since GPT-4o.
var recentTable = table{
	pairs: `
DMGFDGBXJLBHMDMGGGLDFFJEUAHDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD
?><;8JN9>@C?<?@=<?<B=@@F@<H6J}TLQpd_&B)XWZQIdYVSZaUATqa%RBXTCR_cT=A
R?JNW?OJLA1J7ME>M}B>E?EQeI]>b8VMrnO[FIJ%RcYv@VDXZZgPVOBXZHLNGPbRTJJ
J>FEA>JL?@J;:OX>BK>O9<NOXCOBP;WGVl3\6MLVWEZ}b[LLWXMUTVi}NL=HUeTgH/7
?@GFFCBKO@POI8E@H@CGVCPLPE<NV<VGXcMY}HUSQPRNpMB?LTQO^VMNYGM:NU=g3L1
><:::A8<HAEM@?=;<5=:@?:?2C=UJ}NH}a[NlCHXRMKEGKEBEMPIQUZzQP=AKIIX?K4
O?IQIA<Ke>ic?:YCL-AI?CdDZ<SJ4DWJRbIdJQg<VWRF_JKDN_sW%5ErRZLJVSFR;?7
PE;aUBqADFw5FPDGNUCEK?WoUT@JMLOIHmBKNKjCXQT@gUGERifASUJ|LN>DHG_\@XB
IAN:VBKfg@aWLJ8=[PDC8AaLXJHDJ;[FX_eQBOWUISSF[WNDbHPL^PIGTs;MQKUP0HD
W>69;@<<?]4D?@=4:4>@=g;^B>6:O4eSJ}Z]ID]\KSXEhhQRUZlqd_c}BYOD=Jl}AAI
ROOwbMTA8DM9YJ8[OMeDYIK=LDCIHDkRE^K]DMDDKI]DPhHWma=D2IBHXG>DoIDH899
EE:BBBJ>AJRSPETS;P[MHJgNR]FYNCeDPs<[Y?JD^IFc0VOCHYY>e]Q{J<UDFDXgQJj
ABQS>C<E@BNJAHC@F:N@A??;N>fJD?WFI\MSjOD*dRPcIYI>UNQJORG3IWBDEE^Y/V?
C<7YC>jSjA|VG:T?9QY=M?]WNLrDT8UFVoXRDPS>GOSMVMGNJT>7mI=}c=OQIB]iOEA
DBO<>A<6<CP;BCB?<BU<:B9GIDJFQHlHeiSWBCQEDIWK8PNDWPOSNWOxHWFFFOQIG[,
@C>B=?=BUJCCBB?<?@<C@<><<:J>I;UK^odlj;TdQQXIMSIPNiPO^\a[UrSPFQ^^P97
F@@GK@[U;G}O9OT<HF<H@;8W6AhQe[VHq]dW;GUTVXWZ}TXLb\:FYS(XdLTGSNXZKD6
rqUNphYhfEt{AbEzmGYeP=}efH[DDDp]Ga*1HGMD?MjElaTI^T_[OUDDA<\DXHD:ADW
A>E@A@=DWA@HI=<=><A=BA?H[EYDQ>WHfg]O(:YXRJWhiN?BKQT>WVR|dGFjALMZVI=
FEOBL?>C@A>JQON??EH=?BSAh<OLG:[E}_NXNTUBSPNKtHZ?MOUOZ]LsWGLKBP]WJU5
BBU@K?>Z<@WJDBG>AE?@J?i8CAAKM8WGd^NJCXXOLPTJXRKDRQO9O^6eL]HCEPQT^A2
a=BAD@@<NAGN>?A\:A;@>SZD4CF8U8\JK}eGDDDH:VMPQ]KO8bS,TSU}]DPJYWCdOE(
DAOS1@XA9Aid?Vb:;AE[XG[!Hf,O]7[PDkZfZ@?b[\^J}bPLS:mJ:Sp^RO[EUQDl5>[
K=K^<:xE::>YJJ7/QJ:;YCgLBRtQmDWFD^bDHaQDRQV9JB94<TUPLSuXUd\KZZDP0P>
JF<FKH5ljHWjH7OeG<lMI?RD@CaDb:UKIe?LDKHhQXSg@Y@FUPQUIkTKZQSROJZ^VL@
==GQ^Fa]UMtKCUG:<UQD?HQIcZDS\-TAbWDSVEJcPJJDJIH?YMXPODC}YI;WGJWCMM-
GIjViFCGcRP[UeJHgkNjODQ6Z?^P?DUOFjFCDG@D>KSKM_(Y[mK[dZV:LIODJMDL}ZI
g.R?HA,HJSaVPBD,O-KNHEG>[B>UcYcJDyQ}NNHD{!<JDM;CTd[!DDUBDDLJIDD7DDn
[T^=>EIt}HjJ>^5G_DViT>mUM7M7<,9VD}Q}{DDDjSeK6e\[elcDDKsDDDDR3DDDDG}
hBDFD}D}}<DOQGIEMD9}GEDDDKDUm}DRDzD}DDDDQDwDDPD^DGODDHBDDDDO\DDDDD.
D^\\_g\lTacfYNemXNdbUeVcbee8DDDKcs=NX^BaXVWYUb^cT\ZLpQX;XXAeCb=^FkE
DMJHINIGHOEFHKKNJLIIKJKLKQGOWWl=OoHPZUYRHVOSWjVLSIUeWHIW[aXF[[PWMW?
D9*9ER/?K7JY?6M1@R1JAE4MFN<DDDI?C?DAHgDPFjaXCE}TKHf7]BE!a_aHVLPGNDF
DX[RTYQ[XPVmZVbS[VY]PT]SYQcy}cXX^;BQBXKPNVNYQd\HNFoe_LQ=cPUB]RZXNOM
DOSUISHPNbJi8fTbLcmUd@]HGT5\DDpXFS@SEcVDD@;PD\7]!4HnK<WDs5QE<EIGD^.
DSRXM_JVVOJXTSWOT}SQUIRXH^C}P>OQZSR;I?EiWGA<=GKCC6BF:3\{CAVSD[Q[P]F
Do]UCKYHVLINWZQ\VT^P^WE]@dTDJDPXFVTr=hN?dM^TDeLR\Q"MDNDFJWKE1BNMDIc
DXI_XP8\OP7LM^MH@,L<:BQLZOrDDDKRDH8P6BaVB<Y@K7;XFVD!KD2SqO^NOa2aDJS
DPM>ToFJZH=AN:MZKUORONBCJT<DDDTHEVED=FT]aE+D(JLEPD?DKLL3qEWODHRDRDI
DdGY<mKSecNCzo}GVQTXWBR9WMDDDD@SDUjF2DD0aJ8fE[GENDSDS:LGFM=E!N,TDHH
DOIJHOHGUFD<>ANINVC:4@7dEa9B}QDiNd:62L=I9OTD<X@9=RT749H*PGXOBJ9G\Lm
DFINLMMRGJ6IUFPJFTNHHMIQF>mau=]IFB1;EGKN9D>>RA9JCR}MbnWSFVKQV>9CDGG
D}YZbbkSS=DDhg[-PDcRYRGKgGIo5D&OXK<ZEZJz:J?aS>Z8Z?FpdKMUIYCCQBA[LDC
DQZUAWOT9WP>[>eGYSNWHUWZe;?D?D]AR?EN^D[D>]S<}?6V2]XZRDZ?OP[JoQF:M2x
DqW7L^X\RUJ:H2pt[^SLfgelM}TDDDrBDBDUGZYH&AHL8KI6iCX0?D[p]NADGIDZ@D>
DAlUig=o8YRkM_K[}D_PYL}aZ!_DUDPKDQgO2sKO0D^DCO!I@SE?DPBD7d8P2CUDCQF
DUJMKVL>T^d^VV^R]9\STSNWF}DXiD\FD<IQRMgNKEPJL{=]}DR_J;HGpRQYPHJFCG^
DONRKUQGNX=INMUXOLPLUQLPAO/LdDPQMS_A^LRH=]BN5FG@<zf6aA@DXOLD^F[bLQM
DYVSLVNDFNIZPUYRPWYMS>IG5wW}YDSNYOVGt]^I5+]HBJ2F98OHX!8xVP5^OiD}YNK
DVH@cT>e8<FZS?][]\ShBa?gGJWaDDOO}PP;HL[D,hJU4AHZ:EIIJcF>U6:=CbVSPOV
DYMsqMbsA;D;Pv_]Q;vpJYxJEKDDJDaC[?eI\HD:I]G^DI^LNJD;DtFDPddGPDQDDD*
DdQXCRFXS3BoLIS5_FlLEB5AXINJDDo6DJ/OXGD\A6KDg>(D?cD:2AKiLZKNo;R^DOF
DgeZ]MIWPhm:PMA:M}QRKYJTL>H<GD_BSEODJGVWNFe?7>YMDVIa=/KGiRQSPV)UDYD
DTTW\@cEC=GPPWf}d^Qg]m{#C![MDDXQ>@oGm@1IONJ_<3IHBTVVZ=RbQBZMUX^\OeV
D_?G}Fqi?"NOo^Mkj:$X\ZH@B_PDDD[PET[QHTPEGUWT^CCLSR8OEFAN^SRDGM!TcR_
D}VXn[FM}NsVWXwgH@XWO;]CZpbBGD^[EAodORPD<fNJDUO]F>GYJ;W6MRMV9?:DDDT
DSPj]fcmbSSLN}YjQ?aO[PT>Y3XDDDu>EAb%GYCT=_::;ACX9ViYNSVRJP@V_3rQBdJ
DNJNHTOGLUDKBSPM]BBQNVVfMDWDDDS<D8IDHIRvTQbQh?NTODCWJ@RQ\I8qf\YJZjS
D[MBznNQDKAKV@FBVDPFaO*DKCDD}DGNDDbFJhHTHT9GP5JHTB;!_WJLHT5MO^8O8DO
DUDAANIXSXFDPEM]AA?MQOhFb^F[TD\\DXDKL\]LA3_DdBJJQGE>SXFR@XNGeYHTNTa
DHLLBOIKMIFJMG;PG5OMJLALJaLHDDkHD7KYCUU3ON)@DBf>JETFCpFH?PRJHGUfPUm
DKMFGAKCGMFGNIQUFTIFNJ=OX>}DDDRPESNOA94Q[<_\?HR<\OA-DBX!UJDB>BDQ?LT
DZhhvaQoK_aGbWiJfAjbbWeMT:UDDDeHDH0JKPSD>LW8DYC_^dDK8DFnmISD]FXD=DN
D\Cb[fBfLkDVeRUJ\E_UadIdiJA7DDIBNBZWqbeTCY\UGARC^fDW@ZRGhXKdpOZ<D]Z
D[OB}J85PDDWndi_aDW\FD]RJDHDDDHLMJ96e=CP0R=VPH_M>_I@OXGWMURKCFA:=DY
D\N@RUGQDDXCOQM-\DI>BTDHDUDDDD\BELLc.ADDU>eBLDOP?USDDLMDDLD^KGUOD?I
D]hVZSMPQTCF_WmYh;STTKRZbme?[>T<^VX@fNhH2QSMWLJCZKu@iGA]RNE^A:VMRe<
`,
	raised: 1, inner: 7, shouted: 3,
	letters: `
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
)&')4)3)C)G<7)F47CR,&#n(?#AD3%G0!N)5HK(7=J78*!3<3+!I-<!)/n)W>&*1
2F6(G)>!7<0/C")9))=$)))))))))))))35,.)@99=67<?_#6BM2!.5CF380!B>8
5G)*D)=A06E!0[?DAG3&<'3587!E9OD>)<7392D!/<D4BF)$))),))'))))M-)))
)C$N)$)&C$w))!)")@)!4.11/)4.)bR44D>C.$,-&),L:.))'Y=U':/!'1))")+$
-/*$)|)-%<)%!!)))))))))))))'!!94))))!)?1&-}Y);BX))})))))))))))))
)S3V)3(7)(2()))".))6)/"2BS3!;?5>!AF6-!.%());,51$,)5)))7"-())3))-
:+HC)))-5))/@)&)))))))))))))D))4))))))<ER<56)!/>))))))))))))))))
))-))&$61/K))))&=)))!.%Qf)6'GB)D}24%K!/b,)+.D1;<.)R))0=)*-))G),)
*<>))))*5))0N!)))))))))))))ti)D)))))))))))))))))0A))))))))))))))
))*M)*8<:8]))})>)")-)/:.!):432!<853)(/-$/)6.A<0%()>C)))(75)))))/
,90S)F),@))+/+)))))))))))))))))))))))).A#]JP<*)2))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
)))})+?&^#))4)9OG>)?i-}%x#={l7B3Z3)0(2kV/8()*2.&6*0/8*/29$)=,)4,
'&),'".*1'#N,!!))))))))))))))))))))))))))))))))))_))))))))))))))
))(p>'>$/"=5)),1=D->19.='!7LK.2:=85I7<4=9C4Q?B@B)#)()((**!)!!#!%
'$$/!!/$3!!!!"!!)!h)J)F3FXOV)))H))))))-))),))))8))))))))))))))))
))7!)-;&G/))))!!)%#)]-08!)r9))h7^KQ!0!&./)8!=M07/)2()2,&&%))))*0
G0>!))12T)*6Q!))))))))))))))))))))))))+z9j}56O!o))))))))))))))))
))3))\d!;!=)))"}<)0))&!<!!')!)h1.))!"!(!-)(!}!31)K5L!+Q;DS!!CC+'
!#VT""0=jV1>}!+)G)!)z))))))))})))!/!')'%4!6!$0#3#n&}!!#!!!!!!!&1
"!!!K!!p)!#')))))b=)!}))))1)8w)'};T))o)>!8)&Z.}=N1)D5";U-}<":JF)
EKV+PK)))).))))!-1,..-609+6+./+).5-7-821+-.)))))))%U])))))))))))
)3/)4+!/:A1B9V18!!7,64?858544'3>9',)+//$+)&0",'%2*+'(',!(&")))))
),0*)#'$+",9G#@IZH@)}7))))))))))3=42742))3#6)))))))))))))$)))):)
)^E)j)0eb)k))h)))#))Yoh\CFfiL)XJ)Ve)Zt)Z),Xo)]n%gh=\vR<]B=)p=}!)
dUZZG)])al))#p))))!)))))))))lZ))))))))))))))))))3*R37SDUF!))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))*)))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
`,
	han: `
.7><B;;??==O=>5=LA<3JFGF;C:M!@P2'O2B<?,5G/Q4B@Z?+9WF0:;:?7:@<GTP
9K>>!LGG_RTAALW@}aCD')@J(9><:c;_T20KnN*>6N9CJR0HkU}-R13ME=K'PBK:
!df)OE6@BCc87=@N/=6G,2bF(G*9!D=\J"S9HISE8<8C]!!Ji@!NU7+AP6KGHB?E
-N7JP4>F7RbV"%2@ADJ^T6)*d<ASJS|\Cc@FYJCy33&=eCKLAIENjK;=QG7-'311
.D?)9Bw;@2!8)4^5D3A+>>42e2C40MI94YA!Q5:/4=OW@B8.F<sBK14+><:-O]9O
HC7BE@$DADKKI8%1H/d@;{6a?HJBD1:jMK=lH<ZH.EB?6Kj%5MJ)4^6;D7)7Q:;F
g2,HR6<-!;HA7M2I)a1A6CEUX?KUe,*,M)B"CQ.=M35@GBDS3C@8B!QZ*'7AP:S+
IG;6+,,>+U6<A4|6A7;/5_+EB)HF2P[[=^Q-<*D:H^1;/7+C$.J<'"6JD8=4I=;=
/1N:0L:GH=;9%6:]75C/La9:>;<585T0)7VOJNHBB;3@?7>68<>@M8C!5L9B_N'<
2D@WL1bF<09CQ8\},#*!dKKPO$@S*?BD#Mdb<FU(=XTBN=5O@ICGEN9/=7:,Q=;G
%G;[;0:4X8MD;75+.W0(FPJ<;U,9EbD.9!a3<4A-.+F*$CIE2Y?H|!:T@P0PO=4<
,MRA589*;0@D;=9('<>>eP>C5<NN54;7&<D<B7t*Z!2)/62FP<Se35.G>L1<I6?B
38RCZ;m4D;>1)837:6+[]B69IR6C.m.6E9*DM:6F:HHF9=0V1>C/]OGDQF;!E3EJ
73<C<41CX?]:H;K?A,I095K15F>665?<9C9=C1/h^67D1;.2A7W7DI=?PA3Vi7.2
=>c<5JN?7-H4C:=5*./#2Ae5H_3='Q5IC,8J6;X<1N9PLG2</DGQ.67&#/IO9@,5
P0)?bH7&K&1=DPL>.0=5$'B11$R9;4*3e!8,^/9M'Y4?Z<+2.U9::PDC,5176DGH
`,
	scripts: [scripts]rates{
		greek:      {12, 27},
		cyrillic:   {21, 8},
		armenian:   {29, 8},
		hebrew:     {4, 8},
		arabic:     {16, 19},
		devanagari: {4, 8},
		bengali:    {1, 8},
		gurmukhi:   {6, 8},
		gujarati:   {0, 8},
		tamil:      {6, 8},
		telugu:     {15, 8},
		kannada:    {-9, 8},
		malayalam:  {3, 8},
		thai:       {4, 8},
		georgian:   {34, 5},
		sinhala:    {1, 8},
		lao:        {28, 8},
		myanmar:    {7, 17},
		khmer:      {23, 19},
		ethiopic:   {-6, 64},
		indic:      {8, 8},
		hangul:     {12, 18},
		hiragana:   {3, 8},
		katakana:   {3, 8},
		han:        {10, 8},
		hanRare:    {-13, -22},
		cjkSign:    {-1, 21},
		mark:       {7, 16},
		symbol:     {5, 57},
		emoji:      {-9, 70},
		joiner:     {16, 24},
		other:      {-95, 94},
	},
}

// older is cl100k, that of GPT-3.5, GPT-4 and the embeddings.
var olderTable = table{
	pairs: `
DJKEBBAUEI?@KAKHEMJ>BFGIVCODDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD
>>B<=JS5MCJG>AAP>M>D=DADF;FSX}QPPp_]0C/jXXPRqa[VO^X?P{e!QFeRIN]VT-J
M:KGO<LAF='R1P]<L|@7D:CRhE[M}IMImcLTLSO4QYXZAR<TTLh]dVBlcBPNGPaON@@
H>JDG<LDAEI68G\A@I=J9=LPfAOBr^YDVi/ZAQOO]F[vh]VLSWIYTSh}THCHReZ]PF5
AAHDEEAFJCHMK2KDN<BB_CW@TE1WilRD[^GUyAQ^ZMPJfC@9MQPL[QLCSBU=KQB^.L;
=9?;:J8@RPMZDBA?>3=9CO<=3BP^Q}JI}\UOlGOKUIFDKFEBBKJ?QOVnKD@>GFLU?M6
U>KJM@<fv=\UF5TEX1=EAEnBN9hQCDSKS^FdLYmDYWLE\IN@SXlP%7C}QOPJVSFNGA3
OO?f\DoFAIgPFI=HOK@DQAVwSZ>ZliOIIkNRJI^LZMN?_UJEIbjAQQEoCB>LFH_Z>VG
IACCSBTlbAsbSB9@WdFC8CuFeNRZkMYFZ_WRCJT[OSPGXPNEZITBjT<;Op;MJINU1K6
O?:9<E;?RheQ@A;287>?=^<XCd6B_Dg[P|[UIFM[TjVOenSRLRxmdhX|D[ND7Mmq9HC
]OSriPzOUNROqU4a[O_AYK[AM;MffDiIDW?iDMDDLN_DUeNUi]:D7CBHXADDmIDFP@2
GJIGL@I;EJL_MNK\KK_OJN}JZcUWOd_BNp;_Z@KDTG?h"QM@MS^/hQPpR7TDFEZbJJT
BDYZ>CARPDQYBZ=AE3B=A@A;X6_ZWVTEHZ?WhKD,mRK[NTE:LFLIFTN6LVBD=DHV!K?
H<<N@;vNkChYH:UC7Wb9VH_NJNzQ}GZHUiVNDUOFMRJLgFMGIQ93b49}e6MQH9afTH;
DDV>CB>7GETELAFCC@Q;;E7RLFVUmglKbhPU9Ka?KKRK?PMEMOONNRI{LQF@EOQJEY5
@=DB=K;C^KKGCA;=>@9F>;@5B:PLWnRJ\nejcOQyXLZGN_GQGfUX\ZaSPj^JHRcbD<D
K?KFK?XU;IxU8GS=FE:E@<<X==jTh7RMh[KZ<POnVXQX}N[J\]:IXR/LbBPGQSXXJD;
qnW[pu_|VMZ}<jL}zDUcF?|^sfdDDDu^Gb6+CGKDHPjEy]KTWGr[]VDD?;WDeGD3AD^
>@[AFAAFfFTOP?;?@OE;DFAL[BYQdeYKbbPO19X_PGWbXK@DGLR=\QT}WGEn@KEXWM9
GMSFW@@JAEKNQOUECMLAAEe?a9LVYT^G}]LUJWMAUPPFvCW@MNQJZZMuRLMKDSb[LQ:
?CY?H@@_:AZSGAF?@I>>JDj2F?DT_TWHd\JNBY_QVPQE[MH@NMM1Ib:hLVLDFQOR]E4
]?EAJ@B>gHN^==@e;T:>?aka5OKNeWTKGwZNDDDBE]_ILjHOBcV"aWTr]JRJJT:dYH0
H@UO4?O@<BdnXBpB=OZRbQc'JgBXzaZPD[}iZEIlN^]I}dWKTErF7QM_VP_EOKHv9@_
L?SeC@{X7=$_QS90jh9>YYuNFOl\VD\JDWgLQMQ<STY8?E?8BGgPFZe[WccLS]DT/OA
ELHDJF;}dJNkQ:SfG9kFGGS7@CoeVkWJI_8MDK=jOWQjGT<DNOMDGcY_W;VTLDYZOO9
=GMWhEVjdIwYEYI9>MZC?BaEmdAa[BPAXUGOVHIcYFE=L?H8PI]PSFCzT?9ZHMO:NR2
OGa]fH7OPXT]QdQUjgSeRLM>UAaT@DQOFr><DG?DG<RQIb"ZZgGbYNO9IJLD:NDL|[B
Y1bU[WFMS]Y_TUO0YWOOTdR-TW?Zd\UNDw]uQRNDeK]JDeKVYVc!DDa6DDPJGDDEDD[
a]g:IRE{h]}N:}3?SDg}hLRlM1MR60;WDs8[sDDDPJmJ6k?_jK|DDJPDDDDQ-DDDDGw
}>DSD}D}}BDZN]VfRD9}SJDDDcDNb}DQDpD}DDDDR=pDDdDSD}TDDBEDDDDOTDDDDDW
D_e\cibq[cZcYSezWQq^VjW__ni7DDENbtNQXdAX\YXbPaacO\[MwYT9UWLu=cAeIsB
DIMDGKHGFOFJEIHOIHDEKJMHJQJMllh=GxILZRUQ>RNQYbUJRGTaUFEVP_U>[OQRLSG
D419HN2GI6Ib;:K6>M.I@H7MSQ>DDDJ@C;D;RiDMKkS\CJ}OJEn:^BE"_[_HOIOGRDJ
DR]OMUQWTOIoXS[UXSSXMUVOPP[xrnVX\<DJFYSIIPMVP8ZHN=pcmGD5YLRF[LVRMQB
DWQVKYPPGcBd)cK]C\fSbAQIGP3aDDpZFSCRK\UD:FIRD]9E$7GOGCMDdK\EA9IHD[(
DPRXK]NSSTGTQSSVQ}UNSHQQKZJ]L>KSSSY;MAJUSRACGFLIB9@NK.arCHFI4^NdEZF
Dw_U>@ZLNEJZ[XTd[WSa]VJ^)aNDJDOSFROa=hG?^L\XD\LZbI1UDNDF@IJE*FLJDCE
DYH[bU=XZ^U:GSMC?)J:BDNRdNfDDDJIDK=N<NabT?RKN3F\KOD&ND:@kJ_SKZ4[DI@
DSPGYkNII--JX;DCQ\RU5V>6RK9DDDOQEKEK>EMa\B-D:MKGUD5DPOH?eOQODHTDCDK
D_G^Pa_NgkSCkn}BQFZXXBH=VNDDDDFQDQ]d/DD3\[:\=UCH@DSDVIMKCH<G!O3TD@;
DUPNNPMFRLGBLLKNORN=;@9cKE81}RQgJbF><A8M:ROI@SE<=NQBBDN7UMUNIC8L[QS
DBLJHLJUGE=NPBNJGNIBGGDOH8kY@H_KFF9:FMGN3F;>RB?LMVqFLodUC]GOR5>QDPG
D|tTqulfWcDEiph8EDhZUUFR_FIq:D!SUM2OEVHw<M?_G<Z:[9EjuEVYTd@DJFOXMDR
DViWAURS8WWM[DhMYLOXQPW\l8?DTDVCSBLK]>[DH\L<z:3T2BT\ZK_DBCcJlOB?H4X
Dop:QaMdXPN-K!peP[Z;vnXpN}RDDDr?DBDTERX9+HAN6IJ;jLb,:D[mZVNDLKDX>D9
DloMYdN}BWPd>cSX}2b@eD}oV!UDVDQODTeN/kDN/DgDCO!J6NHODNDD\j8M:J_DHSD
DSGJDUI7RXW[PYYVW5[OSTMML}B}@DYFD@HCPNhdHGpQIr=esTKkA8KG_RQZWFJFBHU
DINNBOOBKV;KHNTTNMMHQKKKBH#J_DQRMQHB[NYBBVJN6FO@:|c?8F5FNPYDZHGhIQV
DT\PFRPCFLLYMYURO\WLS@NBDwVGPDUJgRVHd\YI:5QEJQ<I=;QD[#EgNP3aMfUzY;@
DNG=]XEO<4KCR=US[\Kn;bDqByl?DDOR}QL;ENSD1_LN+CFV:IHSJbO>B2?ARcFHMSg
DgQyuFd}09DEa_kDR>tu4]lC?NDDJD\EZ?\E[ID1Fi[dDIVJPTA1DvFDR^kB=HJDDD@
DkTS?SYPQ&=_HMK4[GoDK<@@cIVDDDm9DG,SXBC_@=ODSV&HD\D<3+B]V^LM}BJZDND
DZ\T_ONZRXj/L<A@CkQKIRHEO;TaFDbDSGKAMHPUJA^J3EVAI]Ig=0KF]yWTNU+XDW(
DJYYH(QE<8GTMEV}gkMdUj{+P!dMDDFRGAdNrFAAR:Aa<.@FFUXWZAQ^O=ROA^c_V^:
DP0D}IqrT!N4xk]qc5$URd7A8TeDDDUVESbPKSPCRQc[T?JUTN6::;DOZPUDGV4ZaQS
D}d^Zi7[}0hO@YyH@CVRT6fTZMU6GDudECrmONPD<ZQMDVOWG>FZM;_5LFJU6@ADDDK
DPQfWgafHRSGSfYeT>bKXQK1^6^DDDeIELl/>N?O8^8@L=HS5Tf@OSbBIKJTP2aM=aS
DRLQJXLI8IDDUJKCWBKTNR^]NDQDDDNDD:SDJJTpRNfJaSMWQDJVJJLOVHAvkKSKKc[
DZLDdgZRFO@IQBH9QDNJfH3DJCDDwDBTBHfGChHLO\;OK6PSRH;!h^UHIP7Qfb3EGD>
DVACARJ^TSFJ=GOX:A<LSQELddHZUDRaDXDSPhSLN4\D_AJCTRE>V]DQ=VQIa_:TPRX
DENH=NJHLH?NHC=PG+MMIJEFN>GHDDmND;KdBWR1SS/GD8\IKOTHBZFI@_NJGHSdPTR
DOPHJHSFFQEITMPPDRHISQ=UZ:{DDDFSEVeTC<;S_=eZ>IECYQK+MJR!TBFJ?CVG:S]
DNggvlFhKSjSaqeHjAcVgXoETBIDDDbHDH+DSSSD9H^:DX<T^cDPHDF}\GPDg:TD<DT
Da?\UdCjJhDS^GVT]E\ObhEceMBEDDLGNG_M][SXOdTZGFRDOgDWAYVK[TNUk\[<DYU
DNC'}D/6L7DOvUzGhD\TrDbPLDHDDDHLLKA6X>EIBN=SODRM;_JA]TFSC_KEC?>KLDN
D_H>\GJWD>OCGMM0\DW8CSDGDTDDDDaEENLQ5FDDZ@iBLDNO>RSDDKNDDLE\NETOD?O
DW_PQQNCJVEE\Vfc]ALJJF9HWqg?}]L=UQa6PKj9JGF.FUMB\MaPcISX]HAWEJU<Rn<
`,
	raised: 1, inner: 6, shouted: 2,
	letters: `
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
)&1)=)B)I)N6<@P3XBh9,#],:!FYI6V=2D)6SV2@KJEB*#=EE,"S0>'){z)_U&5>
QH?*G)-g>BE@AA)H)):6)))))))))))))GF=7)EE9E;?H<EA2aJ??MTK;3U97\U@
;A)2M)GP-1F@0c*YA?8HBKBMF\;gR>N^87QMGH_B&DJ8J@)f)))1))*))))F5)))
)J?n)]\LT\M))9)VpM)NLCVca)VbWcS\Ob^]GTTWG)@\[SAQ>NIW1[TP<C))[);7
EHYk)c):^_)>R0))))))))))[))u!2*/))))o)en\^wjRMeO))z)))))))))))))
)_]:)ZdY)_-()))Z:))O,YW]KVQYT@VYTWD_VVVTC)TVUVVQF)R)))YPXZ))r)42
fbir)))A\))f\2D)))))))))))))Y))l))))))foMDJO@7:B))))))))))))))))
))\))bjS1M4))))<H))l&SL_O)J!Q')udE9Jk!EPX)aNUVO\[)]))SU)JI))[)ca
Rcf))))R:))d/W)))))))))))))_D)E)))))))))))))))))jl))))))))))))))
))aR)_bd=];))t)_)6)f)c_a^)acag6bX^Vfaaabb)a^a^a_a)gb)cabba))))cd
cdda)e)aV))b=e))))))))))))))))))))))))L}uVL6APLK))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
)))a)WUJOS,)A)LuHhEP[R}U^jU_gG-OTu)OS[cVFRN)DDPHS;NKL@Q<L9??ECe9
CGDF?4PYk7T\GFa))))))))))))))))))))))))))))))))))W))))))))))))))
))yr?MA!!!'4)):-G[574obv$"om_::U8S4Cy{kg}6wtmY}}233//0821#1!$*,1
'6$<#+A*H+!!![0()!})})ehz^}})))M))))))&)))'))))9))))))))))))))))
))l?)GV(QR))))!4)'7)4\T\4)}CN)N[8Y5BRQ^}_)Y9^SWYR)YV)\YPT>))))il
[rmX))^dg)RDMi))))))))))))))))))))))))9iB9B36>'6))))))))))))))))
))e))iegCS<)))\Z8)G))YZaatS)M)_a!))^]fWo_)S=s@W_bc]fcUsdd}+A<<bp
Vbbq}5ua}+pjo!a)\)A)\))))))))L)))eciZboVx=UXW\I\isW?abWl\b^ikad^
]Xlic_+X)bPU)))))y*)}]))))w)n')}T<!))})d!k)V0hCU^])Od}}SXgo_9ic)
mR}{hH))))W))))G;BZF=@X?T>UXAN=LFYEUW_VZA=B)))))))+WS)))))))))))
)6;)G+=CBb>mR{6//9<;OIKC\BAGAC=m}?E7V:X/;=9CC;>2N8:9<:R>:??)))))
?=RH5:<884>tI3ECIEJ)}4))))))))))3GA:>;:)):0>)))))))))))))M))))F)
)mI)])}_k)b))l)))/))athbC]peY)oW)a@)NQ)l)Ebn)^iHjacfSY>aIj-h^m=)
}}}}})a)}})):}))))@)))))))))}W))))))))))))))))))hop]JnU[f.))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))*)))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
`,
	han: `
7>aLjG>PD=dqDC>K|MICpJCWjs:T8XTMC}T>e\(8q/e92}QM+AwPJ7<;PbYN:grd
GBF=(k[kfhYWFgx\}}9N?==}B8gC]nG[u3Ug}_*59l7Gp}:J}V}oS5bpk:l&l>lt
Ffe\T[>8mpt:9TSd<,xG,2d\#})<GnNes"JnAYoJ>EDhQ26C}Qf}V7+TL5}icFgX
A}5JZ9A}^SsX8$uJ=MEkO=)*Y;{[[o}}DxWHfQ}kD1OVy}E^LHPk}yBANZD!N='0
FWA)5I]XUe->)G65H}>+XM;I}2U<xX}P@i:EZ6U37Eya>[<:}E}@TCAUF@9WfYJ|
INOCbq=g?]J|Z7Z_tj}YE}KxDtDCd1vpXav}RCwv:q_^Ah})1w;8L}7Ok=)3ZJ9D
r<7Fh1u,!l{S2R3r)}|R6>ZxD>]_u+*jN)FFDNITRHQ1JVfh2}}aOl}b*-@it|\+
_GhB;wFtT}INF@}CAP>&Kl+Bh)}HhuX}Qnr<N9M[ilA?-*BP!]KS9^4TE2B7Z=:<
:RcD0SBgMHD?P>;\DBrOer;8HOL$E(WI8RV}TufL=G3EpFn:;k<e]wQ!Gh=N{}&a
0wG}iaZ\3%\PNFnu;X*6jtChmdkb*[eXKN}k6eR$9]}{nDmaX^X]OK4go>D;aVHi
?E8s?0BLd}hNC^@,&j_/[E}xeUYHzRf#=!}3W;G2>^q1af^nWguh}S?vceEgshLE
mk]aE_EdU7\cDU297WnB}PGDJKU_(Z8M>^eOk:z;i"Z)G^AD{Qq}??0NCi;Vk48Y
7JjyiM}BIA[@)D3=;n+ymKDKQY>}Q}/1XKaATH.P7kFUG<uq5bo0VdCr}a>]o0aS
PHf3H3FqhR}9Q8klP5j2e;}8?TpYA.L?@HCBI;FqiRvX?;1Lj[jCg{Fjgb3}q59-
^kvc*QmAXFq;DMRI6*>!5J}RfdCI!tVMG3[U6DeZbkavMSDM,AN{G.b;V<OU\T+]
o;*OhfG*SDNXecf999fV-#BO=;P:a7#cq&01o8bG+pBe[M'1/^_QEgI?R:LUCvhz
`,
	scripts: [scripts]rates{
		greek:      {-7, 6},
		cyrillic:   {5, 8},
		armenian:   {35, 8},
		hebrew:     {3, 8},
		arabic:     {-1, 24},
		devanagari: {-2, 8},
		bengali:    {8, 8},
		gurmukhi:   {25, 8},
		gujarati:   {-11, 8},
		tamil:      {30, 8},
		telugu:     {107, 8},
		kannada:    {15, 8},
		malayalam:  {21, 8},
		thai:       {15, 8},
		georgian:   {16, 64},
		sinhala:    {36, 8},
		lao:        {11, 8},
		myanmar:    {29, 64},
		khmer:      {5, 53},
		ethiopic:   {-5, 95},
		indic:      {8, 8},
		hangul:     {5, 32},
		hiragana:   {-3, 8},
		katakana:   {10, 8},
		han:        {11, 8},
		hanRare:    {60, 55},
		cjkSign:    {6, 19},
		mark:       {-3, 24},
		symbol:     {42, 11},
		emoji:      {-23, 95},
		joiner:     {25, 54},
		other:      {-83, 127},
	},
}

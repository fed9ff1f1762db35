"""draft"""
from __future__ import annotations
import json, sys
from pathlib import Path
from bilingual.bitext.path import *
from bilingual.bitext.words import *
from bilingual.engines import find_model, load_engine
from bilingual.pipeline import translate_segments, Settings
from bilingual.document import Segment
FOLDER = Path(__file__).parent / "bitext"
OPEN = ("marche","budget","phare","compost","velo")
def read(name, side):
    s, begins = [], []
    start = True
    for line in (FOLDER/f"{name}.{side}.txt").read_text().split("\n"):
        if line: s.append(line); begins.append(start); start=False
        else: start=True
    return s, begins
def gold(name):
    out=[]
    for line in (FOLDER/f"{name}.beads").read_text().splitlines():
        l,_,r=line.partition(" = ")
        out.append(tuple(tuple(int(x)-1 for x in side.split() if x!="-") for side in (l,r)))
    return out
def gale(fr, en):
    import math
    P={(1,1):.89,(1,0):.0099,(0,1):.0099,(2,1):.089,(1,2):.089,(2,2):.011}
    n,m=len(fr),len(en)
    F=[len(s) for s in fr];E=[len(s) for s in en]
    D={(0,0):(0,None)}
    for i in range(n+1):
        for j in range(m+1):
            if i==j==0: continue
            best=None
            for (a,b),p in P.items():
                if (i-a,j-b) in D and i>=a and j>=b:
                    f=sum(F[i-a:i]); e=sum(E[j-b:j])
                    mean=(f+e/CHARACTERS)/2
                    d=abs((e-CHARACTERS*f)/math.sqrt(VARIANCE*max(1,mean)))
                    c=-math.log(max(1e-300,math.erfc(d/math.sqrt(2))))-math.log(p)
                    t=D[i-a,j-b][0]+c
                    if best is None or t<best[0]: best=(t,(a,b))
            D[i,j]=best
    out=[];i,j=n,m
    while i or j:
        a,b=D[i,j][1]; out.append((tuple(range(i-a,i)),tuple(range(j-b,j)))); i-=a;j-=b
    return out[::-1]
def prf(g, t):
    G={b for b in g if b[0] and b[1]}; T={b for b in t if b[0] and b[1]}
    tp=len(G&T); return tp,len(T),len(G)
def f1(x): return 2*x[0]/(x[1]+x[2])
if __name__=="__main__":
    cache=Path("/tmp/bt/cache.json"); mt=json.loads(cache.read_text()) if cache.exists() else {}
    for name in OPEN:
        if name not in mt:
            eng=load_engine(find_model(),threads=2)
            fr,_=read(name,"fr")
            mt[name]=[s.target for s in translate_segments([Segment(f"p{i+1}.s1",s) for i,s in enumerate(fr)],eng,Settings(beam=1))]
            cache.write_text(json.dumps(mt))
    from bilingual.bitext import align_sentences
    tot=[0,0,0]; totg=[0,0,0]
    for name in OPEN:
        fr,fb=read(name,"fr"); en,eb=read(name,"en")
        res=[(tuple(range(*b.french)),tuple(range(*b.english))) for b in align_sentences(fr,mt[name],en,fb,eb)]
        g=gold(name); a=prf(g,res); b=prf(g,gale(fr,en))
        tot=[x+y for x,y in zip(tot,a)]; totg=[x+y for x,y in zip(totg,b)]
        print(name,a,round(f1(a),4),"GC",b,round(f1(b),4))
        if "-v" in sys.argv:
            for x in sorted(set(res)^set(g)): print("   ","got " if x in res else "GOLD",x,[fr[i][:60] for i in x[0]],[en[j][:60] for j in x[1]],"|",[mt[name][i][:60] for i in x[0]])
    print("all",f1(tot),"GC",f1(totg))

import { load, open, toPlain, serialise, scrub, writeJson } from '@headgate/lang'
import { BOMBS } from '../../../tools/fuzz/bombs/lang.ts'
import { testLookup } from '../../../test/conformance/lang/providers.ts'
const only = process.argv[2]
for (const [i,b] of BOMBS.entries()) { if (only && i!==Number(only)) continue
  const g=b(); const t=performance.now(); const {document,diagnostics}=load('env',g.files['env']!); const t1=performance.now()
  let t2=t1,t3=t1,t4=t1,r: any, err=''
  try { if(document){ r=await open(document,{imports:{load:async(n:string)=>g.files[n]?{source:g.files[n]!}:{failure:'no'}},providers:testLookup},{trace:'full'}); t2=performance.now(); if(r.environment){ const l=serialise(r.environment).length; t3=performance.now(); writeJson(toPlain(r.environment,{redact:true})); t4=performance.now(); err=String(l)} } } catch(e: any){err=e.stack.slice(0,300)}
  console.log(i, 'load',(t1-t).toFixed(0),'open',(t2-t1).toFixed(0),'ser',(t3-t2).toFixed(0),'plain',(t4-t3).toFixed(0), err, [...diagnostics,...(r?.diagnostics??[])].slice(0,1).map((d:any)=>d.message.slice(0,90)))
}

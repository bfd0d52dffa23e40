/**
 * Hosts that are no public suffix but have one below them, and which (PARENT>REST): names that anyone can register are
 * among theirs. Written by `UPDATE_SUFFIXES=1 tap test/policy/lint/lint.test.ts` from the list that tldts carries.
 */
export const SHARED_SUFFIX_PARENTS = `
accesspoint.s3-global.amazonaws.com>mrap addr.tools>dyn ae.flow.ch>alp1 af-south-1.amazonaws.com>s3
af-south-1.amazoncognito.com>auth af-south-1.on.aws>airflow af-south-1.sagemaker.aws>studio
airflow.amazonaws.com>ap-east-1 airflow.amazonaws.com.cn>cn-north-1 akershus.no>nes amazonaws.com>s3
amazonaws.com.cn>elb amazoncognito.com>auth.ap-east-1 amazonwebservices.com.cn>airflow.cn-north-1.on
amazonwebservices.eu>transfer-webapp.eusc-de-east-1.on amba.host>fn ap-east-1.amazonaws.com>s3
ap-east-1.amazoncognito.com>auth ap-east-1.on.aws>airflow ap-east-1.sagemaker.aws>studio
ap-east-2.amazoncognito.com>auth ap-east-2.on.aws>transfer-webapp ap-northeast-1.amazonaws.com>s3
ap-northeast-1.amazoncognito.com>auth ap-northeast-1.on.aws>airflow ap-northeast-1.sagemaker.aws>studio
ap-northeast-2.amazonaws.com>s3 ap-northeast-2.amazoncognito.com>auth ap-northeast-2.on.aws>airflow
ap-northeast-2.sagemaker.aws>studio ap-northeast-3.amazonaws.com>s3 ap-northeast-3.amazoncognito.com>auth
ap-northeast-3.on.aws>airflow ap-northeast-3.sagemaker.aws>studio ap-south-1.amazonaws.com>s3
ap-south-1.amazoncognito.com>auth ap-south-1.on.aws>airflow ap-south-1.sagemaker.aws>studio
ap-south-2.amazonaws.com>s3 ap-south-2.amazoncognito.com>auth ap-south-2.on.aws>airflow
ap-south-2.sagemaker.aws>notebook ap-southeast-1.amazonaws.com>s3 ap-southeast-1.amazoncognito.com>auth
ap-southeast-1.on.aws>airflow ap-southeast-1.sagemaker.aws>studio ap-southeast-2.amazonaws.com>s3
ap-southeast-2.amazoncognito.com>auth ap-southeast-2.on.aws>airflow ap-southeast-2.sagemaker.aws>studio
ap-southeast-3.amazonaws.com>s3 ap-southeast-3.amazoncognito.com>auth ap-southeast-3.on.aws>airflow
ap-southeast-3.sagemaker.aws>studio ap-southeast-4.amazonaws.com>s3 ap-southeast-4.amazoncognito.com>auth
ap-southeast-4.on.aws>airflow ap-southeast-4.sagemaker.aws>notebook ap-southeast-5.amazonaws.com>s3
ap-southeast-5.amazoncognito.com>auth ap-southeast-5.on.aws>airflow ap-southeast-6.amazoncognito.com>auth
ap-southeast-6.on.aws>transfer-webapp ap-southeast-7.amazonaws.com>consent-portal.bedrock-agentcore
ap-southeast-7.amazoncognito.com>auth ap-southeast-7.on.aws>airflow aruba.jenv-aruba.cloud>it1.eur
aseinet.ne.jp>user atlassian-dev.net>cdn.prod aws-cloud9.af-south-1.amazonaws.com>webview-assets
aws-cloud9.ap-east-1.amazonaws.com>webview-assets aws-cloud9.ap-northeast-1.amazonaws.com>webview-assets
aws-cloud9.ap-northeast-2.amazonaws.com>webview-assets
aws-cloud9.ap-northeast-3.amazonaws.com>webview-assets aws-cloud9.ap-south-1.amazonaws.com>webview-assets
aws-cloud9.ap-southeast-1.amazonaws.com>webview-assets
aws-cloud9.ap-southeast-2.amazonaws.com>webview-assets
aws-cloud9.ca-central-1.amazonaws.com>webview-assets aws-cloud9.eu-central-1.amazonaws.com>webview-assets
aws-cloud9.eu-north-1.amazonaws.com>webview-assets aws-cloud9.eu-south-1.amazonaws.com>webview-assets
aws-cloud9.eu-west-1.amazonaws.com>webview-assets aws-cloud9.eu-west-2.amazonaws.com>webview-assets
aws-cloud9.eu-west-3.amazonaws.com>webview-assets aws-cloud9.il-central-1.amazonaws.com>webview-assets
aws-cloud9.me-south-1.amazonaws.com>webview-assets aws-cloud9.sa-east-1.amazonaws.com>webview-assets
aws-cloud9.us-east-1.amazonaws.com>webview-assets aws-cloud9.us-east-2.amazonaws.com>webview-assets
aws-cloud9.us-west-1.amazonaws.com>webview-assets aws-cloud9.us-west-2.amazonaws.com>webview-assets
axarnet.cloud>es-1 baremetal.scw.cloud>fr-par-1
bedrock-agentcore.ap-northeast-1.amazonaws.com>consent-portal
bedrock-agentcore.ap-northeast-2.amazonaws.com>consent-portal
bedrock-agentcore.ap-south-1.amazonaws.com>consent-portal
bedrock-agentcore.ap-south-2.amazonaws.com>consent-portal
bedrock-agentcore.ap-southeast-1.amazonaws.com>consent-portal
bedrock-agentcore.ap-southeast-2.amazonaws.com>consent-portal
bedrock-agentcore.ap-southeast-5.amazonaws.com>consent-portal
bedrock-agentcore.ap-southeast-7.amazonaws.com>consent-portal
bedrock-agentcore.ca-central-1.amazonaws.com>consent-portal
bedrock-agentcore.eu-central-1.amazonaws.com>consent-portal
bedrock-agentcore.eu-north-1.amazonaws.com>consent-portal
bedrock-agentcore.eu-south-1.amazonaws.com>consent-portal
bedrock-agentcore.eu-south-2.amazonaws.com>consent-portal
bedrock-agentcore.eu-west-1.amazonaws.com>consent-portal
bedrock-agentcore.eu-west-2.amazonaws.com>consent-portal
bedrock-agentcore.eu-west-3.amazonaws.com>consent-portal
bedrock-agentcore.sa-east-1.amazonaws.com>consent-portal
bedrock-agentcore.us-east-1.amazonaws.com>consent-portal
bedrock-agentcore.us-east-2.amazonaws.com>consent-portal
bedrock-agentcore.us-gov-west-1.amazonaws.com>consent-portal
bedrock-agentcore.us-west-1.amazonaws.com>consent-portal
bedrock-agentcore.us-west-2.amazonaws.com>consent-portal beebyte.io>paas beebyteapp.io>sekd1
brendly.ba>shop brendly.hr>shop brendly.rs>shop bubble.io>cdn buskerud.no>nes
ca-central-1.amazonaws.com>s3 ca-central-1.amazoncognito.com>auth ca-central-1.on.aws>airflow
ca-central-1.sagemaker.aws>studio ca-west-1.amazonaws.com>s3 ca-west-1.amazoncognito.com>auth
ca-west-1.on.aws>airflow ca-west-1.sagemaker.aws>notebook canva.site>my canvasite.cn>my
cdn77-secure.org>ssl.origin cdn77.net>r cdn77.org>c cldmail.ru>hb clever-cloud.com>services
cloud.muni.cz>flt cloud9.af-south-1.amazonaws.com>vfs cloud9.ap-east-1.amazonaws.com>vfs
cloud9.ap-northeast-1.amazonaws.com>vfs cloud9.ap-northeast-2.amazonaws.com>vfs
cloud9.ap-northeast-3.amazonaws.com>vfs cloud9.ap-south-1.amazonaws.com>vfs
cloud9.ap-southeast-1.amazonaws.com>vfs cloud9.ap-southeast-2.amazonaws.com>vfs
cloud9.ca-central-1.amazonaws.com>vfs cloud9.eu-central-1.amazonaws.com>vfs
cloud9.eu-north-1.amazonaws.com>vfs cloud9.eu-south-1.amazonaws.com>vfs
cloud9.eu-west-1.amazonaws.com>vfs cloud9.eu-west-2.amazonaws.com>vfs cloud9.eu-west-3.amazonaws.com>vfs
cloud9.il-central-1.amazonaws.com>vfs cloud9.me-south-1.amazonaws.com>vfs
cloud9.sa-east-1.amazonaws.com>vfs cloud9.us-east-1.amazonaws.com>vfs cloud9.us-east-2.amazonaws.com>vfs
cloud9.us-west-1.amazonaws.com>vfs cloud9.us-west-2.amazonaws.com>vfs cloudflareanycast.net>cdn
cloudflarecn.net>cdn cloudflareglobal.net>cdn cloudlets.com.au>mel cloudplatform.fi>fi cloudscale.ch>cust
cn-north-1.amazonaws.com.cn>s3 cn-north-1.on.amazonwebservices.com.cn>airflow
cn-north-1.sagemaker.com.cn>studio cn-northwest-1.amazonaws.com.cn>s3
cn-northwest-1.on.amazonwebservices.com.cn>airflow cn-northwest-1.sagemaker.com.cn>studio
code-builder-stg.platform.salesforce.com>001.test code.com>builder
cognito-idp.eusc-de-east-1.on.amazonwebservices.eu>auth contentproxy9.cz>rsc core.usgovcloudapi.net>web
core.windows.net>web cosidns.de>dyn crm.dev>d cs.amazonlightsail.com>ap-east-1 dappnode.io>dyndns
databricksapps.com>aws databricksapps.us>aws-gov datadetect.com>demo dev.thingdust.io>cust
disrec.thingdust.io>cust dogado.eu>jelastic dualstack.af-south-1.amazonaws.com>s3
dualstack.ap-east-1.amazonaws.com>s3 dualstack.ap-northeast-1.amazonaws.com>s3
dualstack.ap-northeast-2.amazonaws.com>s3 dualstack.ap-northeast-3.amazonaws.com>s3
dualstack.ap-south-1.amazonaws.com>s3 dualstack.ap-south-2.amazonaws.com>s3
dualstack.ap-southeast-1.amazonaws.com>s3 dualstack.ap-southeast-2.amazonaws.com>s3
dualstack.ap-southeast-3.amazonaws.com>s3 dualstack.ap-southeast-4.amazonaws.com>s3
dualstack.ap-southeast-5.amazonaws.com>s3 dualstack.ca-central-1.amazonaws.com>s3
dualstack.ca-west-1.amazonaws.com>s3 dualstack.cn-north-1.amazonaws.com.cn>s3
dualstack.cn-northwest-1.amazonaws.com.cn>s3 dualstack.eu-central-1.amazonaws.com>s3
dualstack.eu-central-2.amazonaws.com>s3 dualstack.eu-north-1.amazonaws.com>s3
dualstack.eu-south-1.amazonaws.com>s3 dualstack.eu-south-2.amazonaws.com>s3
dualstack.eu-west-1.amazonaws.com>s3 dualstack.eu-west-2.amazonaws.com>s3
dualstack.eu-west-3.amazonaws.com>s3 dualstack.il-central-1.amazonaws.com>s3
dualstack.me-central-1.amazonaws.com>s3 dualstack.me-south-1.amazonaws.com>s3
dualstack.sa-east-1.amazonaws.com>s3 dualstack.us-east-1.amazonaws.com>s3
dualstack.us-east-2.amazonaws.com>s3 dualstack.us-gov-east-1.amazonaws.com>s3
dualstack.us-gov-west-1.amazonaws.com>s3 dualstack.us-west-1.amazonaws.com>s3
dualstack.us-west-2.amazonaws.com>s3 eb.amazonaws.com.cn>cn-north-1 elastx.net>jls-sto1
emergentagent.com>preview emf.camp>at encoway.cloud>eu enscaled.us>phx eu-central-1.amazonaws.com>s3
eu-central-1.amazoncognito.com>auth eu-central-1.on.aws>airflow eu-central-1.sagemaker.aws>studio
eu-central-2.amazonaws.com>s3 eu-central-2.amazoncognito.com>auth eu-central-2.on.aws>airflow
eu-central-2.sagemaker.aws>studio eu-north-1.amazonaws.com>s3 eu-north-1.amazoncognito.com>auth
eu-north-1.on.aws>airflow eu-north-1.sagemaker.aws>studio eu-south-1.amazonaws.com>s3
eu-south-1.amazoncognito.com>auth eu-south-1.on.aws>airflow eu-south-1.sagemaker.aws>studio
eu-south-2.amazonaws.com>s3 eu-south-2.amazoncognito.com>auth eu-south-2.on.aws>airflow
eu-south-2.sagemaker.aws>studio eu-west-1.amazonaws.com>s3 eu-west-1.amazoncognito.com>auth
eu-west-1.on.aws>airflow eu-west-1.sagemaker.aws>studio eu-west-2.amazonaws.com>s3
eu-west-2.amazoncognito.com>auth eu-west-2.on.aws>airflow eu-west-2.sagemaker.aws>studio
eu-west-3.amazonaws.com>s3 eu-west-3.amazoncognito.com>auth eu-west-3.on.aws>airflow
eu-west-3.sagemaker.aws>studio eur.aruba.jenv-aruba.cloud>it1
eusc-de-east-1.on.amazonwebservices.eu>transfer-webapp evennode.com>eu-1 evervault.app>relay
evervault.dev>relay fastly.net>map fbsbx.com>apps fedoraproject.org>cloud fin-ncloudstorage.com>kr.object
flow.ch>alp1.ae forgerock.io>id fr-par.scw.cloud>s3 funkfeuer.at>wien gov-ncloudstorage.com>kr
grok.bot>apps hedmark.no>os her.name>forgot his.name>forgot hooc.me>seprox hordaland.no>os
hosted-by-previder.com>paas hosteur.com>rag-cloud hrsn.net>vps hs-heilbronn.de>pages.it
ik-server.com>jcloud il-central-1.amazonaws.com>s3 il-central-1.amazoncognito.com>auth
il-central-1.on.aws>airflow il-central-1.sagemaker.aws>studio instances.scw.cloud>pub
interhostsolutions.be>cloud isk01.sakurastorage.jp>s3 isk02.sakurastorage.jp>s3 it.hs-heilbronn.de>pages
jelastic.cloud>vip jelastic.com>demo jelastic.vps-host.net>atl jenv-aruba.cloud>it1
jp4.object.ncpstorage.com>jp jp4.object.private.ncpstorage.com>jp jp5.object.ncpstorage.com>jp
jp5.object.private.ncpstorage.com>jp k2.cloud>s3 kuleuven.be>ezproxy lair.io>apps layershift.co.uk>j
linode.com>members linodeusercontent.com>ip localcert.dev>user lpg.cloudscale.ch>objects
massivegrid.com>paas massivegrid.net>fr-1.paas me-central-1.amazonaws.com>s3
me-central-1.amazoncognito.com>auth me-central-1.on.aws>airflow me-central-1.sagemaker.aws>studio
me-south-1.amazonaws.com>s3 me-south-1.amazoncognito.com>auth me-south-1.on.aws>airflow
me-south-1.sagemaker.aws>studio metacentrum.cz>cloud more-og-romsdal.no>heroy muni.cz>flt.cloud
mx-central-1.amazoncognito.com>auth mx-central-1.on.aws>transfer-webapp mynetname.net>sn
mythic-beasts.com>x nabu.casa>ui ncloud.com>kr.objectstorage ncloudstorage.com>kr
ncpstorage.com>jp.object neen.it>jc nftstorage.link>ipfs nl-ams.scw.cloud>s3 noc.ruhr-uni-bochum.de>io
nodeart.io>stage nordland.no>bo nospamproxy.com>cloud object.fin-ncloudstorage.com>kr
object.gov-ncloudstorage.com>kr object.ncloudstorage.com>de object.ncpstorage.com>jp
object.private.fin-ncloudstorage.com>kr object.private.gov-ncloudstorage.com>kr
object.private.ncloudstorage.com>kr object.private.ncpstorage.com>jp objectstorage.ch>lpg
objectstorage.ncloud.com>kr observableusercontent.com>static
on.amazonwebservices.com.cn>airflow.cn-north-1 on.amazonwebservices.eu>transfer-webapp.eusc-de-east-1
on.aws>airflow.ap-east-1 onstackit.cloud>runs origin.cdn77-secure.org>ssl ortsinfo.at>ex
os.fedoraproject.org>app os.stg.fedoraproject.org>app ostfold.no>valer ovh.net>hosting
paas.massivegrid.net>fr-1 party.eus>user pl-waw.scw.cloud>s3
platform.salesforce.com>001.test.code-builder-stg platform.sh>eu ply.gg>at prgmr.com>xen
private.fin-ncloudstorage.com>kr.object private.gov-ncloudstorage.com>kr.object
private.ncloudstorage.com>kr.object private.ncpstorage.com>jp.object prod.atlassian-dev.net>cdn
prod.fastly.net>a prod.thingdust.io>cust project-study.com>dev quickconnect.cn>direct
quickconnect.to>direct railway.app>up rb-hosting.io>site rdpa.co>clusters rds.amazonaws.com>ap-east-1
reclaim.cloud>ca render.com>app repost.aws>private resinstaging.io>devices retrosnub.co.uk>cust
rit.edu>git-pages rma.cloudscale.ch>objects ru-msk.k2.cloud>lb ru-spb.k2.cloud>lb
s3-global.amazonaws.com>mrap.accesspoint sa-east-1.amazonaws.com>s3 sa-east-1.amazoncognito.com>auth
sa-east-1.on.aws>airflow sa-east-1.sagemaker.aws>studio sagemaker.aws>experiments
sagemaker.com.cn>studio.cn-north-1 sakurastorage.jp>s3.isk01
salesforce.com>001.test.code-builder-stg.platform saveincloud.net>jelastic scaleforce.com.cy>j
scaleforce.net>j scrypted.io>client scw.cloud>k8s spawn.cc>instances speedpartner.de>customer
srcf.net>soc ssl.fastly.net>a stg.fedoraproject.org>app.os storacha.link>ipfs storage.dev>t3
storageapi.dev>t3 tawk.email>p tawkto.email>p tb-hosting.com>site teckids.org>s3 telemark.no>bo
test.code-builder-stg.platform.salesforce.com>001 testing.thingdust.io>cust thingdust.io>cust.dev
transip.me>site trendhosting.cloud>ch typeform.com>pro us-east-1.amazoncognito.com>auth
us-east-1.on.aws>airflow us-east-1.sagemaker.aws>studio us-east-2.amazonaws.com>s3
us-east-2.amazoncognito.com>auth us-east-2.on.aws>airflow us-east-2.sagemaker.aws>studio
us-gov-east-1.amazonaws.com>s3 us-gov-east-1.amazoncognito.com>auth-fips
us-gov-east-1.on.aws>transfer-webapp us-gov-east-1.sagemaker.aws>studio us-gov-west-1.amazonaws.com>s3
us-gov-west-1.amazoncognito.com>auth-fips us-gov-west-1.on.aws>transfer-webapp
us-gov-west-1.sagemaker.aws>studio us-west-1.amazonaws.com>s3 us-west-1.amazoncognito.com>auth
us-west-1.on.aws>airflow us-west-1.sagemaker.aws>studio us-west-2.amazonaws.com>s3
us-west-2.amazoncognito.com>auth us-west-2.on.aws>airflow us-west-2.sagemaker.aws>studio
usgovcloudapi.net>web.core vestfold.no>sande w3s.link>ipfs wafaicloud.com>jed webaccel.jp>rs
website.ncloudstorage.com>kr wiardweb.com>pages windows.net>web.core xn--mre-og-romsdal-qqb.no>sande
xn--stfold-9xa.no>xn--vler-qoa
`
